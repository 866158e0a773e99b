"""Find the line of a template that a line of its output comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jobgen.errors import JobgenError
from jobgen.render.questions import TEMPLATE_SUFFIX
from jobgen.render.template import Template

_MARK = re.compile("\x01(\\d+)\x01")


def origin_of_line(
    template: Template, data: Mapping[str, object], line: int
) -> tuple[Path, int | None]:
    """Return the file of a template, and its line, that a line of the output comes from.

    Args:
        template: The template, which renders with the data.
        data: The variables.
        line: The line, from 1, in the contents of all rendered files joined with line feeds.

    Returns:
        The file, and the line in it from 1; None if that line cannot be determined.
    """
    for path, content in template.files.items():
        single = replace(template, files={path: content})
        for rendered in single.render(data).values():
            count = rendered.count(b"\n") + 1
            if line <= count:
                return template.folder / path, _line_in(single, path, data, line, rendered.decode())
            line -= count
    return template.folder, None


def _line_in(
    template: Template, path: PurePosixPath, data: Mapping[str, object], line: int, expected: str
) -> int | None:
    """Return the line of the template's only file that a line of its output comes from."""
    if not path.name.endswith(TEMPLATE_SUFFIX):
        return line
    marked = replace(template, files={path: _with_marks(template.files[path].decode()).encode()})
    try:
        (content,) = marked.render(data).values()
    except JobgenError:
        return None
    text = content.decode()
    if _MARK.sub("", text) != expected:
        return None
    marks = [_MARK.findall(each) for each in text.split("\n")]
    # A line that a variable ends has no mark; the next one is of the same line of the template.
    following = (each[-1] for each in marks[line - 1 :] if each)
    return int(next(following, text.count("\n") + 1))


def _with_marks(source: str) -> str:
    """Return a template that renders as `source` does, with a mark of each line before its end."""
    from jinja2.sandbox import SandboxedEnvironment

    parts: list[str] = []
    for start, kind, value in SandboxedEnvironment(keep_trailing_newline=True).lex(source):
        if kind != "data":
            parts.append(value)
            continue
        first, *others = value.split("\n")
        parts.append(first)
        parts += [f"\x01{number}\x01\n{text}" for number, text in enumerate(others, start)]
    return "".join(parts)
