"""Convert plans to and from JSON, for `--json` and `jobgen apply`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from jobgen_runtime.project import STATE_FOLDER

from jobgen.errors import ConflictError, JobgenError, UsageError
from jobgen.plan.diff import unified_diff
from jobgen.plan.model import FileChange, Issue, IssueKind, Plan, content_digest

VERSION = 1
_PROTECTED = (STATE_FOLDER, ".git")


def plan_to_json(plan: Plan) -> str:
    """Return the plan as one indented JSON object, without a final newline.

    Raises:
        JobgenError: A file is not UTF-8.
    """
    return json.dumps(plan_fields(plan), indent=2, ensure_ascii=False)


def plan_fields(plan: Plan) -> dict[str, object]:
    """Return the plan as values of JSON.

    In an action, `after` is the file's whole new text, or null for a deleted file. `mode` is
    present, in octal, only if the file becomes executable.

    Raises:
        JobgenError: A file is not UTF-8.
    """
    return {
        "version": VERSION,
        "generator": plan.generator,
        "args": dict(plan.args),
        "actions": [_action(change) for change in plan.changes],
        "issues": [_issue(issue) for issue in plan.issues],
        "warnings": list(plan.warnings),
        "next_steps": list(plan.next_steps),
    }


def error_plan(generator: str, error: JobgenError) -> Plan:
    """Return a plan whose only part is an error, for a command that failed without a plan."""
    kinds = {kind.value: kind for kind in IssueKind}
    kind = kinds.get(error.exit_code, IssueKind.PROJECT)
    return Plan(generator, issues=(Issue(kind, error.message, hint=error.hint),))


def plan_from_json(text: str, current: Callable[[PurePosixPath], bytes | None]) -> Plan:
    """Parse a plan.

    Args:
        text: The JSON.
        current: Returns the present contents of a file, or None if it does not exist.

    Raises:
        UsageError: The text is not a plan.
        JobgenError: The plan has issues.
        ConflictError: A file changed after the plan was made.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The plan is not JSON: {error}.", hint=_HINT) from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise UsageError(f"The JSON is not a plan of version {VERSION}.", hint=_HINT)
    issues = data.get("issues") or []
    if issues:
        first = issues[0] if isinstance(issues[0], dict) else {}
        message = f"The plan has issues and cannot be applied. {first.get('message') or ''}"
        raise JobgenError(message.rstrip(), hint=first.get("hint"))
    try:
        return Plan(
            generator=str(data["generator"]),
            args=MappingProxyType(dict(data["args"])),
            changes=_changes(data["actions"], current),
            warnings=tuple(map(str, data.get("warnings", ()))),
            next_steps=tuple(map(str, data.get("next_steps", ()))),
        )
    except KeyError as error:
        raise UsageError(f"The JSON is not a plan: it has no {error}.", hint=_HINT) from None
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"The JSON is not a plan: {error}.", hint=_HINT) from None


_HINT = "Make a plan with, for example: jobgen job EmailCustomers --dry-run --json"


def _action(change: FileChange) -> Mapping[str, object]:
    action: dict[str, object] = {
        "op": change.op,
        "path": str(change.path),
        "before_sha256": content_digest(change.before),
        "after": None if change.after is None else _text(change),
        "diff": unified_diff(change),
    }
    if change.mode is not None:
        action["mode"] = f"{change.mode:o}"
    return action


def _text(change: FileChange) -> str:
    try:
        return (change.after or b"").decode()
    except UnicodeDecodeError:
        raise JobgenError(f"{change.path} is not UTF-8 and cannot be printed as JSON.") from None


def _issue(issue: Issue) -> Mapping[str, object]:
    return {
        "kind": issue.kind.name.lower(),
        "message": issue.message,
        "path": None if issue.path is None else str(issue.path),
        "line": issue.line,
        "column": issue.column,
        "hint": issue.hint,
        "paste": issue.paste,
    }


def _changes(
    actions: list[dict[str, Any]], current: Callable[[PurePosixPath], bytes | None]
) -> tuple[FileChange, ...]:
    changes: dict[PurePosixPath, FileChange] = {}
    stale: list[str] = []
    for action in actions:
        path = _safe_path(action["path"])
        if path in changes:
            raise ValueError(f"{path} has two actions")
        before = current(path)
        if content_digest(before) != action["before_sha256"]:
            stale.append(str(path))
        after = action["after"]
        if after is not None and not isinstance(after, str):
            raise TypeError(f"`after` of {path} is not a string")
        changes[path] = FileChange(
            path, before, None if after is None else after.encode(), _mode(action.get("mode"))
        )
    if stale:
        raise ConflictError(
            f"Files changed since the plan was made: {', '.join(stale)}. Nothing was changed.",
            hint="Make the plan again.",
        )
    return tuple(changes.values())


def _safe_path(text: str) -> PurePosixPath:
    """Return a path of a plan, which must be in the project and not in a protected folder."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in text or "\0" in text:
        raise ValueError(f"{text!r} is not a path in the project")
    if path.parts[0].casefold() in _PROTECTED:
        raise ValueError(f"{text!r} is protected")
    return path


def _mode(text: str | None) -> int | None:
    """Return the permission bits of an action, and never more than rwx."""
    return None if text is None else int(text, 8) & 0o777
