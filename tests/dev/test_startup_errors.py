"""Tracebacks of programs that cannot start are shortened, and shown once."""

from __future__ import annotations

from pathlib import Path

from jobgen.dev.startup_errors import StartupErrors, StartupOutput

ROOT = Path("/shop")
IMPORT = """\
Traceback (most recent call last):
  File "/shop/.venv/bin/uvicorn", line 6, in <module>
    sys.exit(main())
             ^^^^^^
  File "<frozen importlib._bootstrap>", line 1206, in _gcd_import
  File "/shop/Web/FrontController.py", line 18, in <module>
    import nope
  File "/usr/lib/python3.11/nope.py", line 3, in nope
    import more
ModuleNotFoundError: No module named 'more'"""
SYNTAX = """\
ERROR:    Traceback (most recent call last):
  File "/usr/lib/python3.11/importlib/__init__.py", line 126, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
  File "/shop/Web/Job/Greet.py", line 2
    import x y
             ^
SyntaxError: invalid syntax"""


def shown(text: str, errors: StartupErrors | None = None) -> list[str]:
    output = StartupOutput(ROOT, errors or StartupErrors())
    lines = [each for line in text.splitlines() for each in output.lines(line)]
    return [*lines, *output.rest()]


def test_traceback_becomes_the_place_in_the_project_and_its_code() -> None:
    headline = "Web/FrontController.py, line 18: ModuleNotFoundError: No module named 'more'"
    assert shown(IMPORT) == [headline, "    import nope"]
    assert shown(f"run-jobs: {headline}\n{IMPORT}") == [f"run-jobs: {headline}", "    import nope"]
    assert shown(SYNTAX) == [
        "Web/Job/Greet.py, line 2: SyntaxError: invalid syntax",
        "    import x y",
        "             ^",
    ]


def test_error_that_another_program_has_shown_is_not_repeated_until_the_next_start() -> None:
    errors = StartupErrors()
    assert len(shown(IMPORT, errors)) == 2
    assert shown(IMPORT, errors) == ["The same error."]
    again = "run-jobs: Web/FrontController.py, line 18: ModuleNotFoundError: No module named 'more'"
    assert shown(f"{again}\n{IMPORT}", errors) == ["run-jobs: the same error."]
    assert len(shown(SYNTAX, errors)) == 3
    errors.forget()
    assert len(shown(IMPORT, errors)) == 2


def test_cause_of_an_error_is_left_out() -> None:
    for sentence in (
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    ):
        errors = StartupErrors()
        last = shown(f"{IMPORT}\n\n{sentence}\n\n{SYNTAX}\n\nthe end", errors)
        assert last[0].startswith("Web/Job/Greet.py, line 2: ")
        assert last[3:] == ["", "the end"]
        assert len(shown(IMPORT, errors)) == 2


def test_everything_else_is_shown_as_it_is() -> None:
    usual = "INFO:     Started\n\n  indented\nsaid: Traceback (most recent call last):\nthe end"
    assert shown(usual) == usual.splitlines()
    outside = 'Traceback (most recent call last):\n  File "/lib/a.py", line 1, in a\n    b\nE: x'
    assert shown(f"before\n{outside}\nmore of x") == [
        "before",
        "/lib/a.py, line 1: E: x",
        "    b",
        "more of x",
    ]
    assert shown("Traceback (most recent call last):\nKeyError: 1") == ["KeyError: 1"]
    cut = 'Traceback (most recent call last):\n  File "/lib/a.py", line 1, in a'
    assert shown(cut) == ['  File "/lib/a.py", line 1, in a']
