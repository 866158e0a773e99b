"""Decides what psql's meta-commands mean for the statements of a script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Effect = Literal[
    "none",
    "send",
    "include",
    "include_relative",
    "set",
    "unset",
    "condition",
    "connect",
    "gset",
    "gexec",
    "quit",
    "refuse",
]

_COMMAND = re.compile(r"\\([^\s\\]*)[ \t]*(.*)", re.DOTALL)
_NO_EFFECT = frozenset(
    {
        *(".", "?", "C", "H", "T", "a", "conninfo", "copyright", "echo", "errverbose", "f", "h"),
        *("help", "html", "list", "o", "out", "p", "print", "pset", "qecho", "restrict", "s"),
        *("setenv", "sf", "sf+", "sv", "sv+", "t", "timing", "unrestrict", "warn", "x"),
        "z",
    }
)
_DESCRIBES = re.compile(r"(?:d|l)[a-zA-Z]*[+S]*")
_EFFECTS: dict[str, Effect] = {
    "": "none",
    "c": "connect",
    "connect": "connect",
    ";": "send",
    "crosstabview": "send",
    "g": "send",
    "gx": "send",
    "gset": "gset",
    "gexec": "gexec",
    "i": "include",
    "include": "include",
    "ir": "include_relative",
    "include_relative": "include_relative",
    "q": "quit",
    "quit": "quit",
    "set": "set",
    "unset": "unset",
    **dict.fromkeys(("if", "elif", "else", "endif"), "condition"),
}
_UTF8 = frozenset({"", "utf8", "utf-8", "unicode", "sql_ascii"})
_WAYS_OUT = {
    "gexec": "Write the query before it.",
    "gset": "Write the query before it.",
    "copy": "Write COPY … FROM stdin with its rows into the file.",
    "cd": "Give the included files' paths from the project's folder, or use \\ir.",
    "!": "Run the program before jobgen, and include its output with \\i.",
    "encoding": "Convert the file to UTF-8.",
}


@dataclass(frozen=True, slots=True)
class MetaCommand:
    """A meta-command of psql.

    Attributes:
        name: Its name without the backslash.
        argument: The rest of its line, without quotes around the whole.
        effect: What it does to the statements of the script. `refuse` cannot be followed.
    """

    name: str
    argument: str
    effect: Effect

    @property
    def way_out(self) -> str:
        """What to write instead of a command that is refused."""
        default = "Remove it, or write what it does as SQL."
        return _WAYS_OUT.get(self.name, default)


def parse_meta_command(text: str) -> MetaCommand:
    r"""Return the command of `text`, such as `\i tables.sql`."""
    match = _COMMAND.match(text)
    name, argument = (match[1], match[2].strip()) if match else ("", "")
    if len(argument) > 1 and argument[0] == argument[-1] == "'":
        argument = argument[1:-1].replace("''", "'")
    return MetaCommand(name, argument, _effect(name, argument))


def _effect(name: str, argument: str) -> Effect:
    if name in _EFFECTS:
        effect = _EFFECTS[name]
        # psql takes a file's name from a variable or from a program's output.
        is_computed = effect.startswith("include") and (argument[:1] in {":", "`", ""})
        return "refuse" if is_computed else effect
    if name == "encoding":
        return "none" if argument.strip("'").lower() in _UTF8 else "refuse"
    return "none" if name in _NO_EFFECT or _DESCRIBES.fullmatch(name) else "refuse"
