"""Format changes as unified diffs for `git apply` and `patch`."""

from __future__ import annotations

from jobgen.plan.line_matcher import LineMatcher
from jobgen.plan.model import FileChange

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"


def unified_diff(change: FileChange) -> str:
    """Return the diff of one file, with a/ and b/ before its path; "" for no change."""
    if change.op == "identical":
        return ""
    before = _lines(change.before)
    after = _lines(change.after)
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    new = "/dev/null" if change.after is None else f"b/{change.path}"
    head = f"--- {old}\n+++ {new}\n"
    if change.op == "create" and change.mode is not None and change.mode & 0o111:
        head = f"diff --git a/{change.path} b/{change.path}\nnew file mode 100755\n{head}"
    return head + "".join(_hunks(before, after))


def _lines(content: bytes | None) -> list[str]:
    """Split contents into lines with their ends; only a line feed ends a line."""
    text = (content or b"").decode(errors="replace")
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _hunks(before: list[str], after: list[str]) -> list[str]:
    matcher = LineMatcher(before, after)
    hunks: list[str] = []
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        old = _range(first[1], last[2])
        new = _range(first[3], last[4])
        hunks.append(f"@@ -{old} +{new} @@\n")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                hunks += [_line(" ", line) for line in before[i1:i2]]
                continue
            hunks += [_line("-", line) for line in before[i1:i2]]
            hunks += [_line("+", line) for line in after[j1:j2]]
    return hunks


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n{_NO_NEWLINE}"


def _range(start: int, stop: int) -> str:
    """Return a range in the unified format, where an empty one names the line before it."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
