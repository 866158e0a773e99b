"""Distributions that are copied from the environment of the tests instead of being downloaded."""

from __future__ import annotations

import shutil
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def copy_requirements(wheels: Sequence[Path], environment: Path) -> None:
    """Copy the modules that the wheels require, and no others, into a virtual environment.

    pip, which finds them in an index and unpacks them, takes ten seconds of processor time for it.
    Their bytecode is copied too. It is valid for files with the same times.
    """
    here = Path(sysconfig.get_path("purelib")).resolve()
    there = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    for required in _required({each.name: each for each in map(_of_wheel, wheels)}):
        for file in required.files or ():
            source = Path(str(required.locate_file(file))).resolve()
            if source.is_relative_to(here) and source.is_file():
                target = there / source.relative_to(here)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)


def _of_wheel(wheel: Path) -> Distribution:
    name, version, _ = wheel.name.split("-", 2)
    return PathDistribution(zipfile.Path(wheel, f"{name}-{version}.dist-info/"))


def _required(given: Mapping[str, Distribution]) -> list[Distribution]:
    """Return the installed distributions that the given ones require, directly or indirectly."""
    found: dict[str, Distribution] = {}
    done: set[tuple[str, str]] = set()
    todo = {(name, "") for name in given}
    while todo:
        name, extra = node = todo.pop()
        done.add(node)
        this = given.get(name) or found.setdefault(name, distribution(name))
        for requirement in map(Requirement, this.requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                further = {"", *requirement.extras}
                todo |= {(canonicalize_name(requirement.name), each) for each in further} - done
    return list(found.values())
