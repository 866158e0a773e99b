"""The parser of the commands' options, with errors in a sentence."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from typing import NoReturn


class CommandParser(argparse.ArgumentParser):
    """Reports a wrong command line in two lines: what is wrong, and what shows the options."""

    def error(self, message: str) -> NoReturn:
        """Print the error and exit with 2."""
        words = message.removeprefix("unrecognized arguments: ")
        if words != message:
            message = f"there is no {'option' if words.startswith('-') else 'argument'} {words}"
        text = f"{message[:1].upper()}{message[1:]}"
        known = self._option_string_actions
        close = get_close_matches(words.partition("=")[0], known, n=1) if words != message else []
        meant = f" Did you mean {close[0]}?" if close and words.startswith("-") else ""
        self.exit(2, f"{self.prog}: {text}.{meant}\n`{self.prog} --help` shows what it takes.\n")
