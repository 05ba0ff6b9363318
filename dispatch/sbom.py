"""What Yihu is made of, as a CycloneDX 1.6 document: the words of it, and where they come from.

Used at build time as well, by hatch_build.py, before anything is installed: standard library only.
The format: https://cyclonedx.org/docs/1.6/json/. It has neither a time nor a random number, so that
the same sources give the same bytes.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Final
from urllib.parse import quote

FILE: Final = "yihu.cdx.json"
"""Its name, in the wheel's folder ``sboms`` (PEP 770)."""
BUNDLED: Final = ("svelte", "ol")
"""Packages of the page of which something is in what a browser loads; so may be what they need.
The others make or test it."""
INSTALLED_MARK: Final = "# installed"
"""Behind a line of constraints.txt: comes with Yihu or one of EXTRAS, not only with its tests."""
EXTRAS: Final = ("oidc", "osm", "postgresql")
LICENCE_CHARACTERS_MAX: Final = 100
"""Some packages have the whole text in that field; the name is what a reader looks for."""
NAMESPACE: Final = uuid.UUID("2f0f6a5e-9d0c-5b7e-8a3b-6a1f0c7d4e21")
"""Of our documents' numbers, which are made from their content; drawn once."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA: Final = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One package of somebody else's."""

    registry: str
    """As package URLs call it: ``pypi`` or ``npm``."""
    name: str
    version: str
    licence: str = ""
    sha512: str = ""
    """Of the archive, in hexadecimal; empty where it is not known."""
    needed: bool = True
    """Whether it is there when Yihu runs, or only built or tested Yihu."""

    @property
    def purl(self) -> str:
        """Its package URL, by which scanners know it."""
        path = "/".join(quote(part, safe="") for part in self.name.split("/"))
        return f"pkg:{self.registry}/{path}@{quote(self.version, safe='')}"

    def told(self) -> dict[str, Any]:
        """As the document has it."""
        purl = self.purl
        told: dict[str, Any] = {
            "type": "library",
            "bom-ref": purl,
            "name": self.name,
            "version": self.version,
            "purl": purl,
            "scope": "required" if self.needed else "excluded",
        }
        if self.licence:
            told["licenses"] = [{"license": {"name": self.licence}}]
        if self.sha512:
            told["hashes"] = [{"alg": "SHA-512", "content": self.sha512}]
        return told


def document(version: str, components: Iterable[Component], *, phase: str) -> str:
    """The whole of it; ``phase`` is ``build``, or ``operations`` for what is installed."""
    unique = {each.purl: each for each in components}
    ours = f"pkg:pypi/yihu@{quote(version, safe='')}"
    ordered = [unique[purl] for purl in sorted(unique)]
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": phase}],
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": "yihu",
                "version": version,
                "purl": ours,
            },
        },
        "components": [each.told() for each in ordered],
        "dependencies": [
            {"ref": ours, "dependsOn": [each.purl for each in ordered if each.needed]}
        ],
    }
    number = uuid.uuid5(NAMESPACE, json.dumps(body, sort_keys=True))
    return json.dumps({**body, "serialNumber": number.urn}, indent=2) + "\n"


def read(text: str) -> list[Component]:
    """The components of a document of ours. Raises KeyError or ValueError where it is none."""
    return [
        Component(
            registry=each["purl"].removeprefix("pkg:").partition("/")[0],
            name=each["name"],
            version=each["version"],
            licence=next((one["license"]["name"] for one in each.get("licenses", ())), ""),
            sha512=next((one["content"] for one in each.get("hashes", ())), ""),
            needed=each["scope"] == "required",
        )
        for each in json.loads(text)["components"]
    ]


# --- where they come from ---


def of_lock(text: str) -> list[Component]:
    """Every package of the page, by npm's lock file (lockfileVersion 3)."""
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    bundled = set(_closure(packages, BUNDLED))
    return [
        Component(
            registry="npm",
            name=path.rpartition("node_modules/")[2],
            version=package["version"],
            licence=package.get("license", ""),
            sha512=_hexadecimal(package.get("integrity", "")),
            needed=path in bundled,
        )
        for path, package in packages.items()
        if path
    ]


def _closure(packages: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    """Paths of these packages and of all they need, each once."""
    found: set[str] = set()
    waiting = [("", name) for name in names]
    while waiting:
        by, name = waiting.pop()
        path = _found_by(packages, by, name)
        if path is None or path in found:
            continue
        found.add(path)
        yield path
        waiting += [(path, each) for each in packages[path].get("dependencies", ())]


def _found_by(packages: Mapping[str, Any], by: str, name: str) -> str | None:
    """As Node looks for it: beside the one that asks, then further and further out."""
    while True:
        path = f"{by}/node_modules/{name}".lstrip("/")
        if path in packages:
            return path
        if not by:
            return None
        by = by.rpartition("node_modules/")[0].rstrip("/")


def _hexadecimal(integrity: str) -> str:
    """Of ``sha512-BASE64``; empty for another kind."""
    kind, _, text = integrity.partition("-")
    return base64.b64decode(text).hex() if kind == "sha512" else ""


def of_constraints(text: str) -> list[Component]:
    """The Python packages that come with Yihu, in the versions that its tests were run with."""
    return [
        Component(registry="pypi", name=normal(name), version=version)
        for line in text.splitlines()
        if line.endswith(INSTALLED_MARK)
        for name, version in [line.removesuffix(INSTALLED_MARK).strip().split("==")]
    ]


def of_installed(root: str = "yihu", extras: Sequence[str] = EXTRAS) -> list[Component]:
    """What is installed here of all that ``root`` needs, extras where they are; not itself."""
    found: dict[str, Distribution] = {}
    waiting = [(root, frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # of an extra, or of another system
            continue
        waiting += _needs(found[name].requires or [], wanted)
    return [
        Component(registry="pypi", name=name, version=each.version, licence=licence_of(each))
        for name, each in found.items()
        if name != root
    ]


def _needs(requires: Iterable[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Names and extras of requirements (PEP 508) that hold for these extras. What another marker
    rules out here is not installed, as a rule; where it is, it is told."""
    for requirement in requires:
        what, _, marker = requirement.partition(";")
        asked = _EXTRA.search(marker)
        if asked is not None and asked[1] not in extras:
            continue
        name = _NAME.match(what)
        if name is None:
            continue
        more = re.search(r"\[([^\]]*)\]", what)
        wanted = frozenset(each.strip() for each in more[1].split(",")) if more else frozenset()
        yield normal(name[0]), wanted


def licence_of(package: Distribution) -> str:
    """In its own words, shortest field first; empty where it names none."""
    said = package.metadata
    fields: list[str] = said.get_all("License-Expression", []) + said.get_all("License", [])
    for words in fields:
        if words and len(words) <= LICENCE_CHARACTERS_MAX and "\n" not in words:
            return words
    named = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier") or []
        if each.startswith("License :: OSI Approved :: ")
    ]
    return ", ".join(named)


def normal(name: str) -> str:
    """A Python package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
