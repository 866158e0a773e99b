"""Where a project keeps its files: one pattern a kind, and the two layouts."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from pathlib import PurePosixPath

from jobgen.naming import snake_case

PLACEHOLDERS = ("App", "Name", "app", "name")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Paths:
    """Patterns relative to the project's root, in POSIX spelling.

    `{App}` and `{Name}` stand for the names as they are, `{app}` and `{name}` for their
    snake case.
    """

    schema: str
    types: str
    job: str
    script: str
    worker: str
    front_controller: str
    main: str
    migrations: str

    def below(self, source: PurePosixPath) -> Paths:
        """These patterns with every importable module below `source`."""
        return replace(self, **{key: str(source / getattr(self, key)) for key in MODULES})


MODULES = ("types", "job", "worker", "front_controller", "main")
"""The patterns whose files are imported, and so lie below `source`."""

KEYS = tuple(field.name for field in fields(Paths))

GUIDE = Paths(
    schema="Application/Schema.sql",
    types="Generated/Types.py",
    job="{App}/Job/{Name}.py",
    script="Application/Script/{Name}.py",
    worker="{App}/Worker.py",
    front_controller="{App}/FrontController.py",
    main="WorkerMain.py",
    migrations="Application/Migration",
)
PEP8 = Paths(
    schema="schema.sql",
    types="{app}/generated/types.py",
    job="{app}/jobs/{name}.py",
    script="{app}/scripts/{name}.py",
    worker="{app}/worker.py",
    front_controller="{app}/web.py",
    main="worker_main.py",
    migrations="migrations",
)


def fill(pattern: str, *, app: str = "", name: str = "") -> PurePosixPath:
    """The path that `pattern` means for an application and a name."""
    values = {"App": app, "app": snake_case(app), "Name": name, "name": snake_case(name)}
    return PurePosixPath(_PLACEHOLDER.sub(lambda match: values[match[1]], pattern))


def placeholders(pattern: str) -> list[str]:
    """What stands in braces in `pattern`, known or not."""
    return _PLACEHOLDER.findall(pattern)


def component_regex(component: str) -> re.Pattern[str]:
    """Matches a file's or folder's name of one component of a pattern; groups are names."""
    seen: set[str] = set()
    parts: list[str] = []
    position = 0
    for match in _PLACEHOLDER.finditer(component):
        parts.append(re.escape(component[position : match.start()]))
        parts.append(f"(?P={match[1]})" if match[1] in seen else f"(?P<{match[1]}>[^\\W_]\\w*)")
        seen.add(match[1])
        position = match.end()
    return re.compile("".join(parts) + re.escape(component[position:]))
