"""Where a project keeps its files: one pattern for each kind of file, and the two layouts."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from pathlib import PurePosixPath

from jobgen_runtime.project.words import snake_case

PLACEHOLDERS = ("App", "Name", "app", "name")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Paths:
    """Patterns relative to the project's root, with / between folders.

    `{App}` and `{Name}` stand for the names as they are written, `{app}` and `{name}` for the
    names in snake case.
    """

    schema: str
    types: str
    job: str
    script: str
    worker: str
    front_controller: str
    main: str
    migrations: str
    test: str

    def below(self, source: PurePosixPath) -> Paths:
        """Return these patterns with every importable module below `source`."""
        return replace(self, **{key: str(source / getattr(self, key)) for key in MODULES})


MODULES = ("types", "job", "worker", "front_controller", "main")
"""The patterns whose files are imported, and therefore lie below `source`."""

KEYS = tuple(field.name for field in fields(Paths))
"""The options of `[tool.jobgen.paths]`."""

GUIDE = Paths(
    schema="Application/Schema.sql",
    types="Generated/Types.py",
    job="{App}/Job/{Name}.py",
    script="Application/Script/{Name}.py",
    worker="{App}/Worker.py",
    front_controller="{App}/FrontController.py",
    main="WorkerMain.py",
    migrations="Application/Migration",
    test="tests/jobs/test_{name}_job.py",
)
"""The layout of IHP's guide, and the default."""

PEP8 = Paths(
    schema="schema.sql",
    types="{app}/generated/types.py",
    job="{app}/jobs/{name}.py",
    script="{app}/scripts/{name}.py",
    worker="{app}/worker.py",
    front_controller="{app}/web.py",
    main="worker_main.py",
    migrations="migrations",
    test="tests/jobs/test_{name}_job.py",
)
"""The layout with the lower-case names of PEP 8."""


def fill(pattern: str, *, app: str = "", name: str = "") -> PurePosixPath:
    """Return the path of a pattern for an application and the name of a job or script."""
    values = {"App": app, "app": snake_case(app), "Name": name, "name": snake_case(name)}
    return PurePosixPath(_PLACEHOLDER.sub(lambda match: values[match[1]], pattern))


def placeholders(pattern: str) -> list[str]:
    """Return the names in braces in a pattern, known or unknown."""
    return _PLACEHOLDER.findall(pattern)


def match_pattern(pattern: str, path: PurePosixPath) -> dict[str, str] | None:
    """Return the value of each placeholder in `path`; None where the pattern does not match."""
    components = PurePosixPath(pattern).parts
    if len(components) != len(path.parts):
        return None
    values: dict[str, str] = {}
    for component, part in zip(components, path.parts, strict=True):
        match = component_regex(component).fullmatch(part)
        if match is None:
            return None
        for name, value in match.groupdict().items():
            if values.setdefault(name, value) != value:
                return None
    return values


def component_regex(component: str) -> re.Pattern[str]:
    """Return an expression for one folder's or file's name of a pattern, with a group per name."""
    seen: set[str] = set()
    parts: list[str] = []
    position = 0
    for match in _PLACEHOLDER.finditer(component):
        parts.append(re.escape(component[position : match.start()]))
        parts.append(f"(?P={match[1]})" if match[1] in seen else f"(?P<{match[1]}>[^\\W_]\\w*)")
        seen.add(match[1])
        position = match.end()
    return re.compile("".join(parts) + re.escape(component[position:]))
