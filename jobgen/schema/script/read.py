"""Reads a script: replaces what only psql understands, and includes files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath

from jobgen_runtime.project import decode_text

from jobgen.project import project_errors
from jobgen.schema.script.conditions import Conditions
from jobgen.schema.script.meta_commands import MetaCommand, parse_meta_command
from jobgen.schema.script.scanner import Scanner, Stop
from jobgen.schema.script.script import (
    Part,
    ResultUse,
    Script,
    ScriptError,
    SourceFile,
    Values,
)
from jobgen.schema.script.variables import assignment, boolean, expand, in_sql

_FROM_STDIN = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_ROWS_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
_VISIBLE = re.compile(r"[^\n\r]")


_VARIABLE = re.compile(r":(?<!::)[\w'\"{]")


def read_script(text: str, path: PurePosixPath, root: Path | None = None) -> Script:
    r"""Read a script and the files that it includes.

    Args:
        text: The text of the script.
        path: Its path below `root`.
        root: The project's folder, from which `\i` counts; None leaves included files out.

    Raises:
        ScriptError: The script has a meta-command that cannot be followed, or a NUL character.
        JobgenError: An included file is not UTF-8.
    """
    source = _checked(SourceFile(path, text))
    if not _needs_psql(text):
        sql = f" {text[1:]}" if text.startswith("\ufeff") else text
        return Script(sql, (Part(0, source, 0),))
    return _Expansion(root).script(source)


def _checked(source: SourceFile) -> SourceFile:
    """Return a file that a server can read to its end, which a NUL would be for it."""
    if (position := source.text.find("\0")) >= 0:
        reason = "there is a NUL character, which no text of PostgreSQL can have"
        hint = "Save the file as UTF-8."
        raise ScriptError(source.path, source.text, position, reason, hint=hint)
    return source


def _needs_psql(text: str) -> bool:
    """Return quickly whether the text may have something that only psql understands."""
    return "\\" in text or "copy" in text.lower() or _VARIABLE.search(text) is not None


class _UnknownValuesError(Exception):
    r"""The rest of the script may depend on what a \gset stores."""


@dataclass(slots=True)
class _Expansion:
    r"""Builds a script's SQL piece by piece.

    Attributes:
        root: The project's folder; None leaves included files out.
        stored: What each \gset stores, in their order. The script ends after the first one that is
            not known.
    """

    root: Path | None
    stored: tuple[Values, ...] = ()
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _parts: list[Part] = field(default_factory=list)
    _rows: dict[int, str] = field(default_factory=dict)
    _variables: dict[str, str] = field(default_factory=dict)
    _results: dict[int, ResultUse] = field(default_factory=dict)
    _database: str | None = None
    _including: list[PurePosixPath] = field(default_factory=list)
    _queries: int = 0

    def script(self, source: SourceFile) -> Script:
        """Return the script whose first file is `source`."""
        resume = None
        try:
            self._read(source)
        except _UnknownValuesError:
            root, stored = self.root, self.stored

            def resume(values: Values) -> Script:
                return _Expansion(root, (*stored, values)).script(source)

        sql = "".join(self._pieces)
        parts = tuple(self._parts)
        return Script(sql, parts, self._rows, self._database, self._results, resume)

    def _read(self, source: SourceFile) -> None:
        self._including.append(source.path)
        scanner = Scanner(source.text)
        conditions = Conditions()
        kept = 0
        if source.text.startswith("\ufeff"):
            scanner.position = 1
            kept = self._blank(source, 0, 1)
        while stop := scanner.next_stop():
            command = None
            if stop.kind == "command":
                command = parse_meta_command(source.text[stop.start : stop.end])
            if command and command.effect == "condition":
                (self._keep if conditions.is_active else self._blank)(source, kept, stop.start)
                self._apply_condition(source, conditions, stop, command)
                kept = self._blank(source, stop.start, stop.end)
            elif not conditions.is_active:
                scanner.finish_statement(stop.start)
            elif stop.kind == "variable":
                kept = self._expand_variable(source, scanner, stop, kept)
            elif command is None:
                kept = self._end_statement(source, scanner, stop, kept)
            else:
                self._keep(source, kept, stop.start)
                kept = self._run(source, scanner, stop, command)
                if command.effect == "quit":
                    break
        else:
            self._keep(source, kept, len(source.text))
            if conditions.is_open:
                end = Stop("end", len(source.text), len(source.text))
                raise self._error(source, end, "an \\if has no \\endif", "Add the \\endif.")
        self._including.pop()

    def _apply_condition(
        self, source: SourceFile, conditions: Conditions, stop: Stop, command: MetaCommand
    ) -> None:
        def holds() -> bool:
            value = boolean(expand(command.argument, self._variables) or "")
            if value is None:
                reason = f"the condition {command.argument} has no value that the file gives it"
                hint = "Give the variable a value with \\set, or keep the statements that apply."
                raise self._error(source, stop, reason, hint)
            return value

        if not conditions.apply(command.name, holds):
            reason = f"\\{command.name} has no \\if"
            raise self._error(source, stop, reason, "Remove it.")

    def _keep(self, source: SourceFile, start: int, end: int) -> int:
        """Add a stretch of the file as it is."""
        return self._add(source, start, source.text[start:end])

    def _blank(self, source: SourceFile, start: int, end: int, replacement: str = "") -> int:
        """Add a stretch of the file as spaces after `replacement`."""
        blanks = _VISIBLE.sub(" ", source.text[start + len(replacement) : end])
        return self._add(source, start, replacement + blanks)

    def _add(self, source: SourceFile, start: int, piece: str) -> int:
        """Add text that comes from the file at `start`; return the end of as much of the file."""
        last = self._parts[-1] if self._parts else None
        if not (
            last and last.source is source and self._length - last.start == start - last.offset
        ):
            self._parts.append(Part(self._length, source, start))
        self._pieces.append(piece)
        self._length += len(piece)
        return start + len(piece)

    def _end_statement(self, source: SourceFile, scanner: Scanner, stop: Stop, kept: int) -> int:
        """Return the position from which the file is to be kept, after the rows of a COPY."""
        is_copy = scanner.words[:1] == ["copy"] and scanner.start is not None
        if is_copy and _FROM_STDIN.match(source.text, scanner.start or 0, stop.start):
            self._keep(source, kept, stop.start)
            kept = scanner.position = self._take_rows(source, stop)
        scanner.finish_statement(stop.start)
        return kept

    def _take_rows(self, source: SourceFile, stop: Stop) -> int:
        r"""Blank the rows of the COPY that ends at `stop`; return the end of the line `\.`."""
        line_end = source.text.find("\n", stop.end)
        start = len(source.text) if line_end < 0 else line_end + 1
        end = _ROWS_END.search(source.text, start)
        self._rows[self._length] = source.text[start : end.start() if end else len(source.text)]
        return self._blank(source, stop.start, end.end() if end else len(source.text), ";")

    def _run(self, source: SourceFile, scanner: Scanner, stop: Stop, command: MetaCommand) -> int:
        """Do what a meta-command does; return the position from which the file is kept."""
        match command.effect:
            case "refuse":
                raise self._refused(source, stop, command)
            case "send":
                scanner.finish_statement(stop.start)
                return self._blank(source, stop.start, stop.end, ";")
            case "gset" | "gexec":
                if scanner.start is None:
                    raise self._refused(source, stop, command)
                scanner.finish_statement(stop.start)
                use = ResultUse(command.effect, command.argument)
                return self._use_result(source, stop, use)
            case "set":
                self._set_variable(source, stop, command)
            case "unset":
                self._variables.pop(command.argument, None)
            case "connect":
                self._connect(source, stop, command)
            case "include" | "include_relative":
                if scanner.start is not None:
                    reason = f"\\{command.name} is in the middle of a statement"
                    raise self._error(source, stop, reason, "End the statement before it.")
                self._blank(source, stop.start, stop.end)
                self._include(source, stop, command)
                return stop.end
            case _:
                pass
        return self._blank(source, stop.start, stop.end)

    def _use_result(self, source: SourceFile, stop: Stop, use: ResultUse) -> int:
        self._results[self._length] = use
        end = self._blank(source, stop.start, stop.end, ";")
        if use.command == "gset":
            self._store()
        return end

    def _store(self) -> None:
        r"""Set the variables of the next \gset."""
        if self._queries == len(self.stored):
            raise _UnknownValuesError
        for name, value in self.stored[self._queries].items():
            if value is None:
                self._variables.pop(name, None)
            else:
                self._variables[name] = value
        self._queries += 1

    def _include(self, source: SourceFile, stop: Stop, command: MetaCommand) -> None:
        if self.root is None:
            return
        given = PurePosixPath(command.argument)
        relative = command.effect == "include_relative"
        path = PurePosixPath(normpath(source.path.parent / given if relative else given))
        if path in self._including:
            reason = f"{path} includes itself"
            raise self._error(source, stop, reason, "Remove one of the \\i commands.")
        file = self.root / path
        try:
            content = file.read_bytes()
        except OSError as error:
            reason = f"{path} cannot be read: {error.strerror}"
            hint = "\\i counts from the project's folder, and \\ir from the file that it is in."
            raise self._error(source, stop, reason, hint) from None
        with project_errors():
            included = _checked(SourceFile(path, decode_text(content, path)))
        self._read(included)
        # The last statement needs no semicolon, and the last line no end.
        self._pieces.append("\n;\n")
        self._length += 3

    def _connect(self, source: SourceFile, stop: Stop, command: MetaCommand) -> None:
        """Take the script's own database as the one at hand, as in a dump of pg_dump --create."""
        if self._database not in {None, command.argument}:
            reason = f"\\{command.name} connects to a second database"
            raise self._error(source, stop, reason, "Keep the statements of one database.")
        self._database = command.argument

    def _set_variable(self, source: SourceFile, stop: Stop, command: MetaCommand) -> None:
        if command.argument:
            assigned = assignment(command.argument, self._variables)
            if assigned is None:
                raise self._refused(source, stop, command)
            self._variables[assigned[0]] = assigned[1]

    def _expand_variable(self, source: SourceFile, scanner: Scanner, stop: Stop, kept: int) -> int:
        """Put the value of a variable in its place; return from where the file is kept.

        psql leaves an unknown name as it is. Within parentheses and brackets it may be SQL.
        """
        text = source.text[stop.start : stop.end]
        value = in_sql(text, self._variables)
        if value is None:
            if not (scanner.parentheses or scanner.brackets):
                reason = f"{text} is a variable of psql, and has no value that the file gives it"
                raise self._error(source, stop, reason, "Write its value into the file.")
            return kept
        self._keep(source, kept, stop.start)
        self._add(source, stop.start, value)
        return stop.end

    def _refused(self, source: SourceFile, stop: Stop, command: MetaCommand) -> ScriptError:
        reason = f"psql's command \\{command.name} cannot be followed here"
        return self._error(source, stop, reason, command.way_out)

    def _error(self, source: SourceFile, stop: Stop, reason: str, hint: str) -> ScriptError:
        return ScriptError(source.path, source.text, stop.start, reason, hint=hint)
