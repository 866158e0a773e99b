"""A generator described as data: its command line, its arguments, and where its code is.

The command line, `jobgen list --json` and completion read the descriptions alone. The module of
a generator is imported when it runs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobgen.plan.model import Plan
    from jobgen.project import Project

JsonSchema = dict[str, object]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ArgumentKind(Enum):
    """How an argument is given on the command line."""

    WORD = "word"
    """One required word."""
    WORDS = "words"
    """Any number of words."""
    OPTION = "option"
    """An optional `--name VALUE`."""
    FLAG = "flag"
    """An optional `--name`."""
    OPTIONS = "options"
    """Any number of `--name VALUE`."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a generator, for the command line and for a form.

    Attributes:
        name: The option's name, and the parameter of `make_plan`; see `parameter`.
        kind: How it is given on the command line.
        description: One sentence for `--help` and for a form.
        metavar: What stands for the value in `--help`.
        choices: The only values allowed; empty for any.
        default: The value of an option that is not given.
        pattern: A regular expression for forms; `make_plan` checks the value itself.
        examples: Values to show in a form.
        project_default: Returns the value that the project uses where none is given.
        project_examples: Returns values that the project has already.
    """

    name: str
    kind: ArgumentKind
    description: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    pattern: str | None = None
    examples: tuple[str, ...] = ()
    project_default: Callable[[Project], str] | None = None
    project_examples: Callable[[Project], Sequence[str]] | None = None

    @property
    def parameter(self) -> str:
        """The parameter of `make_plan`: the name, with an underscore if Python reserves it."""
        return f"{self.name}_" if iskeyword(self.name) else self.name

    @property
    def is_list(self) -> bool:
        """Whether it has several values."""
        return self.kind in (ArgumentKind.WORDS, ArgumentKind.OPTIONS)

    def schema(self, project: Project) -> JsonSchema:
        """Return the JSON Schema of the value, with the project's own names as examples."""
        value: JsonSchema = {"type": "string"}
        if self.pattern:
            value["pattern"] = self.pattern
        if self.choices:
            value["enum"] = list(self.choices)
        examples: list[object] = list(self.examples)
        if self.project_examples:
            examples = list(self.project_examples(project))
        schema: JsonSchema = {"title": self.name.capitalize(), "description": self.description}
        if self.is_list:
            return {
                **schema,
                "type": "array",
                "items": value,
                "default": [],
                "examples": [examples],
            }
        if self.kind is ArgumentKind.FLAG:
            return {**schema, "type": "boolean", "default": False, "examples": []}
        if self.project_default:
            value["default"] = self.project_default(project)
        elif self.default is not None:
            value["default"] = self.default
        return {**schema, **value, "examples": examples}


@dataclass(frozen=True, slots=True)
class Generator:
    """One generator; its code is `make_plan` in the module of the same name in this package.

    Attributes:
        name: The words after `jobgen`, such as `destroy job`.
        title: What it writes or does, for a menu.
        summary: One sentence for lists.
        details: The rest of its `--help`; a paragraph after click's
            marker for verbatim text keeps its line breaks.
        arguments: Its arguments, in the order of the command line.
        in_project: Whether `make_plan` gets the project, or else the current folder.
        resolves_conflicts: Whether it has `--force` and `--skip`.
        edits_registrations: Whether it has `--skip-registration`.
        question: What to ask at a terminal before the plan is applied.
        outdated: The message of `--check` for a plan with changes; None for no `--check`.
        apply: The function of its module that applies the plan; None for `apply_plan`.
        undo_steps: The function of its module that says what undoing leaves to the user.
    """

    name: str
    title: str
    summary: str
    details: str = ""
    arguments: tuple[Argument, ...] = ()
    in_project: bool = True
    resolves_conflicts: bool = True
    edits_registrations: bool = False
    question: str | None = None
    outdated: str | None = None
    apply: str | None = None
    undo_steps: str | None = None

    @property
    def command(self) -> str:
        """The whole command, such as `jobgen destroy job`."""
        return f"jobgen {self.name}"

    @property
    def module(self) -> str:
        """The dotted name of the module with the generator's code."""
        return f"jobgen.generate.{self.name.replace(' ', '_')}"

    def make_plan(self, start: Project | Path, arguments: Mapping[str, object]) -> Plan:
        """Make the generator's plan for a project, or for a folder, as it is on the disk now.

        Raises:
            UsageError: An argument is invalid.
            JobgenError: The plan cannot be made.
        """
        parameters = {each.name: each.parameter for each in self.arguments}
        values = {parameters.get(name, name): value for name, value in arguments.items()}
        plan: Plan = self._function("make_plan")(start, **values)
        return plan

    def apply_plan(self, root: Path, plan: Plan) -> None:
        """Apply the generator's plan to the files below `root`, all of it or nothing.

        Raises:
            ConflictError: A file changed after the plan was made.
            JobgenError: A file cannot be written.
        """
        if self.apply:
            self._function(self.apply)(root, plan)
        else:
            from jobgen.apply import apply_plan

            apply_plan(root, plan)

    def steps_after_undo(self, arguments: Mapping[str, object]) -> tuple[str, ...]:
        """Return what undoing a change with these arguments leaves for the user to do."""
        if self.undo_steps is None:
            return ()
        steps: tuple[str, ...] = self._function(self.undo_steps)(arguments)
        return steps

    def command_line(self, arguments: Mapping[str, object]) -> str:
        """Return the command that makes a plan with these arguments, quoted for a shell."""
        words: list[str] = []
        for argument in self.arguments:
            value = arguments.get(argument.name)
            match argument.kind, value:
                case ArgumentKind.WORDS, [*values]:
                    words += map(str, values)
                case ArgumentKind.WORD, str(word):
                    words.append(word)
                case ArgumentKind.FLAG, True:
                    words.append(f"--{argument.name}")
                case ArgumentKind.OPTION, str(word):
                    words += (f"--{argument.name}", word)
                case ArgumentKind.OPTIONS, [*values]:
                    for each in values:
                        words += (f"--{argument.name}", str(each))
                case _:
                    pass
        return f"{self.command} {shlex.join(words)}".rstrip()

    def schema(self, project: Project) -> JsonSchema:
        """Return the JSON Schema of the arguments, with the project's names as examples."""
        required = [each.name for each in self.arguments if each.kind is ArgumentKind.WORD]
        return {
            "$schema": _DIALECT,
            "title": self.title,
            "type": "object",
            "properties": {each.name: each.schema(project) for each in self.arguments},
            "required": required,
            "additionalProperties": False,
        }

    def describe(self, project: Project) -> dict[str, object]:
        """Return the generator as `jobgen list --json` prints it."""
        return {
            "name": self.name,
            "command": self.command,
            "description": self.summary,
            "arguments": self.schema(project),
        }

    def _function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(self.module), name)
        return function
