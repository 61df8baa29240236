"""Writes what the server is made of as CycloneDX 1.6 JSON, from requirements/app.txt: `python scripts/sbom.py [FILE]`.

Without a file it goes to standard output. The same lock makes the same bytes where SOURCE_DATE_EPOCH says which time it
is. Licences and what needs what are taken from the packages that are installed here.
"""

import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from time import time
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

CHECKOUT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = CHECKOUT / "requirements/app.txt"
_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """A package of the lock; `marker` says where it is needed, empty for everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """What a lock holds, in its order."""
    entries = list(_ENTRY.finditer(text))
    ends = [entry.start() for entry in entries[1:]] + [len(text)]
    return [
        Locked(entry[1], entry[2], entry[3] or "", tuple(_HASH.findall(text, entry.end(), end)))
        for entry, end in zip(entries, ends, strict=True)
    ]


def bill(lock: str) -> str:
    """The document, for the text of a lock."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        purl=PackageURL("pypi", name=project["name"], version=project["version"]),
    )
    components = {canonicalize_name(each.name): _component(each) for each in locked(lock)}
    bom = Bom(components=components.values(), serial_number=uuid5(NAMESPACE_URL, lock))
    bom.metadata.component = root
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time())), UTC)
    bom.dependencies.add(_needs(root, project["dependencies"], components))
    for name, component in components.items():
        bom.dependencies.add(_needs(component, _requirements(name), components))
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def _component(package: Locked) -> Component:
    """What is hashed are the files of a package, of which an installation takes one."""
    marker = [Property(name="python:marker", value=package.marker)] if package.marker else []
    files = [Property(name="python:file:sha256", value=digest) for digest in package.hashes]
    only = (
        [HashType(alg=HashAlgorithm.SHA_256, content=package.hashes[0])] if len(package.hashes) == 1 else []
    )
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{package.name}=={package.version}",
        purl=PackageURL("pypi", name=package.name, version=package.version),
        properties=marker + files,
        hashes=only,
        licenses=_licences(package.name),
    )


def _licences(name: str) -> list[License]:
    try:
        expression = metadata(name)["License-Expression"]
    except PackageNotFoundError:
        return []
    return [LicenseFactory().make_from_string(expression)] if expression else []


def _needs(of: Component, wanted: list[str], components: Mapping[NormalizedName, Component]) -> Dependency:
    named = {canonicalize_name(Requirement(each).name) for each in wanted}
    needed = [Dependency(ref=components[name].bom_ref) for name in sorted(named) if name in components]
    return Dependency(ref=of.bom_ref, dependencies=needed)


def _requirements(name: str) -> list[str]:
    """As the installed package says; nothing for one that is not needed on this machine."""
    try:
        return list(_without_extras(requires(name) or []))
    except PackageNotFoundError:
        return []


def _without_extras(wanted: list[str]) -> Iterator[str]:
    for each in wanted:
        marker = Requirement(each).marker
        if marker is None or "extra" not in str(marker):
            yield each


def main(arguments: list[str]) -> int:
    """Exit status 0."""
    made = bill(LOCK.read_text(encoding="utf-8"))
    if arguments:
        Path(arguments[0]).write_text(made, encoding="utf-8")
    else:
        print(made, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
