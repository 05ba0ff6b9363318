"""The wheel, as somebody without Node makes and installs it, far from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from dispatch.sbom import FILE, read
from tests.data import REPOSITORY
from tests.system import running_yihu

pytestmark = pytest.mark.slow

NOT_SOURCES = shutil.ignore_patterns(
    ".*", "node_modules", "static", "var", "build", "dist", "__pycache__", "*.egg-info"
)


def run(*command: str | Path, path: Path | None = None, cwd: Path) -> str:
    """What a program printed; its whole output where it failed."""
    env = dict(os.environ) if path is None else {**os.environ, "PATH": str(path)}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=env
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def folder_with_nothing_but_a_shell(folder: Path) -> Path:
    """A PATH on which no Node is found: npm scripts need `sh`, their first lines `/usr/bin/env`."""
    folder.mkdir()
    for name in ("sh", "uname"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture(scope="module", name="wheel")
def built_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sources alone; the console by the Node that pip fetches for it."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    shutil.copytree(REPOSITORY, sources, ignore=NOT_SOURCES)
    shutil.copy(REPOSITORY / "console" / "web" / ".npmrc", sources / "console" / "web")
    shutil.copy(REPOSITORY / ".gitignore", sources)
    bare = folder_with_nothing_but_a_shell(folder / "bin")

    run(sys.executable, "-m", "build", "--wheel", "-o", folder, ".", path=bare, cwd=sources)

    (wheel,) = folder.glob("yihu-*.whl")
    return wheel


def test_the_wheel_carries_the_page_and_the_demo_but_no_sources_of_the_page(wheel: Path) -> None:
    """What a browser needs is in, the 100 MB it was made with are not."""
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {"console/static/index.html", "dispatch/demo/community.toml"} <= names
    assert {"dispatch/demo/grids.geojson", "dispatch/demo/streets.geojson"} <= names
    assert not [name for name in names if name.startswith(("console/web", "tests"))]
    assert {"dispatch", "geo", "devices", "console"} == {
        name.split("/")[0] for name in names if ".dist-info/" not in name
    }


def test_the_wheel_says_what_it_is_made_of(wheel: Path) -> None:
    """Where PEP 770 has it; written by a build that has nothing of Yihu installed."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [each for each in packed.namelist() if ".dist-info/sboms/" in each]
        parts = read(packed.read(name).decode())

    assert name.endswith(f"/{FILE}")
    assert {"aiohttp", "svelte", "ol"} <= {each.name for each in parts if each.needed}


def test_an_installed_wheel_serves_the_page(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one way that administrators will install it."""
    monkeypatch.chdir(tmp_path)
    venv.create(tmp_path / "env", with_pip=True, symlinks=True)
    bin_folder = tmp_path / "env" / "bin"
    constraints = REPOSITORY / "constraints.txt"
    install = (bin_folder / "python", "-m", "pip", "install", "-q", "-c", constraints)

    run(*install, wheel, cwd=tmp_path)

    assert run(bin_folder / "yihu", "--version", cwd=tmp_path) == "yihu 0.1.0\n"
    assert {"aiohttp", "ol"} <= {
        each.name for each in read(run(bin_folder / "yihu", "sbom", cwd=tmp_path)) if each.needed
    }
    with running_yihu(tmp_path, command=[str(bin_folder / "yihu")]) as system:
        page = system.text("/")
        assert "<html" in page
        script = page.split('src="')[1].split('"')[0].removeprefix("./")
        assert len(system.text(f"/{script}")) > 10_000
