"""What Yihu says it is made of: by the format's own schema, the same each time, and complete."""

import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

import hatch_build
from dispatch.__main__ import main
from dispatch.sbom import (
    Component,
    document,
    normal,
    of_constraints,
    of_installed,
    of_lock,
    read,
)
from dispatch.sbom_command import LOCK

CONSTRAINTS = hatch_build.ROOT / "constraints.txt"
BASE = "http://cyclonedx.org/schema/"
"""Schemas name each other by it; here they come from the package, and nothing is fetched."""
SCHEMAS = ("bom-1.6", "spdx", "jsf-0.82", "cryptography-defs")


def faults(text: str) -> list[str]:
    """What the published schema of CycloneDX 1.6 has against a document."""
    folder = files("cyclonedx.schema") / "_res"
    bom, *others = (
        json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
        for name in SCHEMAS
    )
    by_file = zip(SCHEMAS[1:], others, strict=True)
    registry = jsonschema_rs.Registry(
        [(f"{BASE}{name}.SNAPSHOT.schema.json", each) for name, each in by_file]
    )
    checker = jsonschema_rs.validator_for(bom, registry=registry)
    return [each.message for each in checker.iter_errors(json.loads(text))]


def test_what_is_installed_is_told_by_the_format(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scanner reads it, or it is no use; and what we load is all in it."""
    monkeypatch.setattr("dispatch.__main__.configure_logs", lambda **_: None)  # of all tests
    assert main(["sbom"]) == 0

    text = capsys.readouterr().out
    assert faults(text) == []
    told: dict[str, Any] = json.loads(text)
    purls = {each["purl"].rpartition("@")[0]: each for each in told["components"]}
    assert {"pkg:pypi/aiohttp", "pkg:pypi/pynacl", "pkg:npm/ol", "pkg:npm/vite"} <= purls.keys()
    assert purls["pkg:npm/svelte"]["scope"] == "required"
    assert purls["pkg:npm/vite"]["scope"] == "excluded"
    assert "pkg:pypi/pytest" not in purls
    assert purls["pkg:pypi/aiohttp"]["licenses"]
    assert told["dependencies"][0]["ref"] == told["metadata"]["component"]["bom-ref"]


def test_the_schema_finds_what_is_wrong() -> None:
    """Or the test above would show nothing."""
    wrong = document("1", [Component(registry="npm", name="x", version="1")], phase="someday")

    assert faults(wrong)


def test_the_wheel_lists_what_comes_with_it_and_nothing_else() -> None:
    """Wrong marks in constraints.txt: these packages come with Yihu and are not marked, or are
    marked and do not."""
    marked = {each.name for each in of_constraints(CONSTRAINTS.read_text(encoding="utf-8"))}

    assert marked == {each.name for each in of_installed()}


def test_every_pin_of_what_is_installed_is_kept() -> None:
    """The list in the wheel names versions that were tried."""
    pinned = {
        normal(each.name): each.version
        for each in of_constraints(CONSTRAINTS.read_text(encoding="utf-8"))
    }

    assert pinned == {each.name: each.version for each in of_installed()}


def test_the_same_sources_make_the_same_bytes(tmp_path: Any) -> None:
    """Two people who build one version can compare what they have."""
    first = hatch_build.write_sbom("1.2.3", tmp_path / "a").read_bytes()
    second = hatch_build.write_sbom("1.2.3", tmp_path / "b").read_bytes()

    assert first == second
    assert faults(first.decode()) == []


def test_what_was_written_is_read_back() -> None:
    """``yihu sbom`` of an installed wheel knows its page by nothing else."""
    page = of_lock(LOCK.read_text(encoding="utf-8"))

    again = read(document("1", page, phase="build"))

    assert sorted(again, key=lambda each: each.purl) == sorted(
        {each.purl: each for each in page}.values(), key=lambda each: each.purl
    )
    scoped = next(each for each in page if each.name == "@types/estree")
    assert scoped.purl.startswith("pkg:npm/%40types/estree@")
    assert len(scoped.sha512) == 128
