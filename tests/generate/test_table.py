"""The table of generators agrees with the generators, and imports none of them."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from jobgen.generate.generator import ArgumentKind, Generator
from jobgen.generate.table import GENERATORS, GROUPS, find_generator

HEAVY = ("copier", "jinja2", "libcst", "pgparse", "psycopg", "yaml")


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.name)
def test_arguments_of_a_generator_are_the_parameters_of_its_make_plan(generator: Generator) -> None:
    function = import_module(generator.module).make_plan
    _, *parameters = inspect.signature(function).parameters.values()
    assert [each.name for each in parameters] == [each.parameter for each in generator.arguments]
    for parameter, argument in zip(parameters, generator.arguments, strict=True):
        is_required = parameter.default is inspect.Parameter.empty
        assert is_required is (argument.kind is ArgumentKind.WORD), parameter


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.name)
def test_functions_that_a_generator_names_exist(generator: Generator) -> None:
    module = import_module(generator.module)
    for name in filter(None, (generator.apply, generator.undo_steps)):
        assert callable(getattr(module, name))


def test_every_group_has_generators_and_names_are_unique() -> None:
    names = [generator.name for generator in GENERATORS]
    assert len(set(names)) == len(names)
    assert {name.split()[0] for name in names if " " in name} == set(GROUPS)
    assert find_generator("destroy job") in GENERATORS
    assert find_generator("destroy") is None


@pytest.mark.parametrize(
    "words", [["--help"], ["job", "--help"], ["destroy", "script", "--help"]], ids=" ".join
)
def test_help_imports_no_generator_and_no_heavy_package(words: list[str]) -> None:
    script = f"""
import sys
from jobgen.cli.main import cli
cli.main({words!r}, standalone_mode=False)
loaded = [name for name in sys.modules if name.partition(".")[0] in {HEAVY!r}]
loaded += [name for name in sys.modules if name.startswith(("jobgen.plan", "jobgen.apply"))]
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
