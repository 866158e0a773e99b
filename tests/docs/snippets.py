"""Read the fenced blocks of a document as steps that a test can run.

A Markdown renderer shows only a fence's first word, its language. The words after it tell the
test what to do:

- `console`: run each `$ ` line; each line below it must be in its output ("…" stands for anything);
- `<language> file=PATH`: write the block to PATH, or add it at the end with the word `append`;
- `python`: run the block in the application's folder, with `await` allowed at the top level;
- `text`, or any block with the word `shown`: do nothing.
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
    """Run `command`; its output must contain each of `expected`."""

    command: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Snippet:
    """Run Python `code` in the application; it starts at `line` of the document."""

    code: str
    line: int


Step = Write | Command | Snippet


def steps(document: str) -> list[Step]:
    """Return all steps of a document in order.

    Raises:
        ValueError: A block has a language that this module does not know.
    """
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
            raise ValueError(
                f"Line {line}: a block of {language!r} is not executed. "
                "Add `shown` or `file=PATH` to its fence."
            )
    return found


def commands(body: str) -> list[Command]:
    """Return the commands of a console block, each with the output shown below it."""
    found: list[Command] = []
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        expected = [piece.strip() for line in shown for piece in line.split("…")]
        found.append(Command(command, tuple(piece for piece in expected if piece)))
    return found
