"""Finds where the statements of a psql script end, and what only psql understands.

It follows psql's own lexer, `psqlscan.l` in PostgreSQL's source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

_PATTERN = r"""
      (?P<line_comment>--[^\n\r]*)
    | (?P<block_comment>/\*)
    | (?P<escape_string>[eE]'(?:[^'\\]|\\.|'')*'?)
    | (?P<string>(?:[uU]&|[nNbBxX])?{string})
    | (?P<identifier>"[^"]*"?)
    | (?P<dollar>\$(?:{letter}{tag}*)?\$)
    | (?P<number>\d+(?:{letter}{word}*)?)
    | (?P<word>{letter}{word}*)
    | (?P<colons>::|:=)
    | (?P<variable>:(?:[A-Za-z_]\w*|'\w+'|"\w+"|\{{\?\w+\}}))
    # Its arguments reach to the end of the line, or to a backslash that is not quoted.
    | (?P<command>\\(?:
          [;\\]
        | [^\s\\]*(?:'(?:[^'\\\n]|\\[^\n]|'')*'?|"[^"\n]*"?|`[^`\n]*`?|[^\\\n'"`])*
      ))
    | (?P<mark>[;()\[\].])
    | (?P<other>\S)
"""
# All characters that are not ASCII are letters. The classes name the ASCII characters that they
# exclude, because a range of all others takes re twenty milliseconds.
_CLASSES = {
    "letter": r"[^\x00-@\[-^`{-\x7f]",
    "tag": r"[^\x00-/:-@\[-^`{-\x7f]",
    "word": r"[^\x00-#%-/:-@\[-^`{-\x7f]",
}
_STANDARD_STRING = r"'[^']*'?"
# With standard_conforming_strings = off, a backslash escapes the character after it.
_ESCAPED_STRING = r"'(?:[^'\\]|\\.|'')*'?"
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"create(?: or replace)? (?:function|procedure)\b")
_SET_STRINGS = re.compile(
    r"set\s+(?:session\s+|local\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(\w+)",
    re.IGNORECASE,
)
_WITHOUT_EFFECT = frozenset({"escape_string", "string", "identifier", "number", "word", "colons"})
"""What changes no state of the scanner between parentheses, where most tokens are."""
_MAX_WORDS = 24


@cache
def _pattern(string: str) -> re.Pattern[str]:
    return re.compile(_PATTERN.format(string=string, **_CLASSES), re.VERBOSE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a scan stops.

    Attributes:
        kind: `end` at a semicolon or the end of the text, or a meta-command or variable of psql.
        start: Where it starts.
        end: Where it ends.
    """

    kind: Literal["end", "command", "variable"]
    start: int
    end: int


@dataclass(slots=True)
class Scanner:
    """Scans a script, and stops where a statement ends or psql does something itself.

    Attributes:
        text: The script.
        position: Where the scan goes on. A caller that handles a part of the text moves it.
        start: The start of the open statement; None if none is open.
        words: The first words of the open statement that are in no parentheses, in lower case.
        parentheses: How many parentheses are open.
        brackets: How many square brackets are open.
    """

    text: str
    position: int = 0
    start: int | None = None
    words: list[str] = field(default_factory=list)
    parentheses: int = 0
    brackets: int = 0
    _blocks: int = 0
    _previous: str = ""
    _string: str = _STANDARD_STRING

    def next_stop(self) -> Stop | None:
        """Return the next stop, or None at the end of the text."""
        while token := _pattern(self._string).search(self.text, self.position):
            self.position = token.end()
            kind = token.lastgroup
            if kind == "line_comment" or (self.parentheses and kind in _WITHOUT_EFFECT):
                continue
            if kind == "block_comment":
                self.position = self._comment_end(token)
                continue
            if kind == "command":
                return Stop("command", token.start(), token.end())
            if token[0] == ";" and not self.parentheses and not self._blocks:
                return Stop("end", token.start(), token.end())
            self._take(token)
            if kind == "variable":
                return Stop("variable", token.start(), token.end())
        if self.start is None:
            return None
        self.position = len(self.text)
        return Stop("end", self.position, self.position)

    def finish_statement(self, end: int) -> None:
        """Forget the open statement, which ended at `end`."""
        if self.start is not None and self.words[:1] == ["set"]:
            setting = _SET_STRINGS.match(self.text, self.start, end)
            if setting:
                off = setting[1].lower() in {"off", "false", "no", "0"}
                self._string = _ESCAPED_STRING if off else _STANDARD_STRING
        self.start = None
        self.words = []
        self.parentheses = self.brackets = self._blocks = 0
        self._previous = ""

    def _take(self, token: re.Match[str]) -> None:
        """Make a token part of the open statement, or open one with it."""
        if self.start is None:
            self.start = token.start()
        match token.lastgroup:
            case "word":
                self._word(token[0].lower())
            case "mark":
                self._mark(token[0])
            case "dollar":
                closing = self.text.find(token[0], token.end())
                self.position = len(self.text) if closing < 0 else closing + len(token[0])
            case _:
                pass
        self._previous = token[0].lower()

    def _word(self, word: str) -> None:
        """Count the body BEGIN ATOMIC … END of a routine, in which no statement ends.

        A routine, parameter, type or column may be called begin, and a column's alias end or case.
        """
        if self.parentheses:
            return
        if len(self.words) < _MAX_WORDS:
            self.words.append(word)
        if not self._blocks:
            is_body = word == "atomic" and self._previous == "begin"
            if is_body and _ROUTINE.match(" ".join(self.words)):
                self._blocks = 1
        elif self._previous not in {"as", "."}:
            self._blocks += {"case": 1, "end": -1}.get(word, 0)

    def _mark(self, mark: str) -> None:
        match mark:
            case "(":
                self.parentheses += 1
            case ")":
                self.parentheses = max(0, self.parentheses - 1)
            case "[":
                self.brackets += 1
            case "]":
                self.brackets = max(0, self.brackets - 1)
            case _:
                pass

    def _comment_end(self, opening: re.Match[str]) -> int:
        """Return the end of a block comment; they nest.

        One that does not end is a statement, or part of one, so that the server refuses it.
        """
        position = opening.end()
        depth = 1
        while depth:
            edge = _COMMENT_EDGE.search(self.text, position)
            if edge is None:
                self.start = opening.start() if self.start is None else self.start
                return len(self.text)
            depth += 1 if edge[0] == "/*" else -1
            position = edge.end()
        return position
