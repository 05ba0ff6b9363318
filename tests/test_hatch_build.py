"""Finding Node, and knowing when the page must be built again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import hatch_build


@pytest.mark.parametrize(
    ("version", "will_do"),
    [
        ("v18.20.4", False),  # Debian 12's and Ubuntu 24.04's
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.12.0", False),
        ("v22.13.0", True),
        ("v23.11.0", False),
        ("v24.0.0", True),
        ("v26.1.0", True),
        ("", False),
        ("node: not found", False),
    ],
)
def test_node_is_taken_from_path_only_where_the_tools_run_on_it(
    version: str, will_do: bool
) -> None:
    """A Node that is too old fails in the middle of a build, with words that help nobody."""
    assert hatch_build.node_will_do(version) is will_do


def test_without_node_pip_is_asked_for_it_only_when_the_page_must_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node is 61 MB; whoever installs from an sdist with its page should not wait for that."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hatch_build, "WEB", tmp_path / "web")
    monkeypatch.setattr(hatch_build, "PAGE", tmp_path / "index.html")
    hook = hatch_build.CustomBuildHook.__new__(hatch_build.CustomBuildHook)

    assert hook.dependencies() == [hatch_build.NODE_PACKAGE]
    (tmp_path / "index.html").touch()
    assert hook.dependencies() == []


def test_the_page_is_built_again_when_a_source_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator must not see yesterday's page; what tools leave behind is no source."""
    page, source = tmp_path / "index.html", tmp_path / "web" / "src" / "main.ts"
    made = tmp_path / "web" / "node_modules" / "left.js"
    monkeypatch.setattr(hatch_build, "WEB", tmp_path / "web")
    monkeypatch.setattr(hatch_build, "PAGE", page)
    for file in (page, source, made):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file, (1000, 1000))
    os.utime(made, (2000, 2000))

    assert hatch_build.page_is_current()
    os.utime(source, (2000, 2000))
    assert not hatch_build.page_is_current()


def test_a_wheel_without_its_page_is_never_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty console, once published, would be found at night."""
    monkeypatch.setattr(hatch_build, "PAGE", tmp_path / "index.html")
    monkeypatch.setattr(hatch_build, "npm", lambda install: None)
    monkeypatch.setattr(hatch_build, "run_script", lambda script, npm: None)
    hook = hatch_build.CustomBuildHook.__new__(hatch_build.CustomBuildHook)

    with pytest.raises(RuntimeError, match="the console was not built"):
        hook.initialize("standard", {})
    hook.initialize("editable", {})
