"""Answer a request of jobgen with JSON; the text of a program is run after this one."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Main = Callable[[dict[str, Any]], dict[str, Any]]


class Refusal(Exception):
    """The request cannot be answered, for a reason that the user can remove."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def describe(error: BaseException) -> str:
    """Return an error of the project's code as one sentence, with its place."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "site-packages" not in file.parts and file.is_file():
            place = f" ({os.path.relpath(file)}:{trace.tb_lineno})"
        trace = trace.tb_next
    message = " ".join(str(error).split()).rstrip(".")
    name = type(error).__name__
    return f"{message}{place}." if name == "CommandError" else f"{name}: {message}{place}."


def answer_or_error(main: Main, request: dict[str, Any], what: str, hint: str) -> dict[str, Any]:
    """Return the answer to a request, or the error that it raises.

    Args:
        main: Returns the answer.
        request: The request.
        what: What cannot be done if it raises an error, as the beginning of a sentence.
        hint: What to do about that.
    """
    try:
        return main(request)
    except Refusal as refusal:
        return {"error": str(refusal), "hint": refusal.hint}
    except Exception as error:  # noqa: BLE001 -- whatever the project's modules raise
        return {"error": f"{what}: {describe(error)}", "hint": hint}


def answer(main: Main, what: str, hint: str) -> None:
    """Print the answer to the request on standard input; the parameters are as above."""
    output, sys.stdout = sys.stdout, sys.stderr
    request = json.load(sys.stdin)
    sys.path[:1] = [request["source"], str(Path.cwd())]
    json.dump(answer_or_error(main, request, what, hint), output)
