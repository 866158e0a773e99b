"""The fenced blocks of a document, as steps that a test can take.

A fence's first word is its language, which is all that a Markdown renderer shows; the words
after it say what the test does:

- `console`: each `$ ` line is run, and each line below it must be in its output ("…" stands
  for anything);
- `<language> file=PATH`: the block is written to PATH; with `append`, added at its end;
- `python`: run in the application's folder, `await` allowed at its top;
- `text`, or any block with the word `shown`: only to be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Write:
    """Write `text` to `path`, or add it at the end."""

    path: str
    text: str
    append: bool


@dataclass(frozen=True)
class Command:
    """Run `command`; each of `expected` must be in what it prints."""

    command: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Snippet:
    """Run Python `code` in the application; `line` is its place in the document."""

    code: str
    line: int


Step = Write | Command | Snippet


def steps(document: str) -> list[Step]:
    """All steps of a document, in order; an unknown kind of block raises ValueError."""
    found: list[Step] = []
    for match in FENCE.finditer(document):
        language, words, body = match[1], match[2].split(), match[3]
        line = document.count("\n", 0, match.start()) + 2
        path = next((word[5:] for word in words if word.startswith("file=")), None)
        if path is not None:
            found.append(Write(path, body, "append" in words))
        elif "shown" in words or language == "text":
            continue
        elif language == "console":
            found.extend(commands(body))
        elif language == "python":
            found.append(Snippet(body, line))
        else:
            raise ValueError(f"line {line}: nobody runs a block of {language!r}")
    return found


def commands(body: str) -> list[Command]:
    """The commands of a console block, each with the output shown below it."""
    found: list[Command] = []
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        expected = [piece.strip() for line in shown for piece in line.split("…")]
        found.append(Command(command, tuple(piece for piece in expected if piece)))
    return found
