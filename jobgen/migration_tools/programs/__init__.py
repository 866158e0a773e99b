"""Programs for the Python of the project, where jobgen may not be installed."""

from __future__ import annotations

from importlib.resources import files

_OWN = "from jobgen.migration_tools.programs.answer import"


def read(name: str) -> str:
    """Return the text of the program `name`, with that of `answer` in the place of its import."""
    common, text = (
        files(__name__).joinpath(f"{module}.py").read_text(encoding="utf-8")
        for module in ("answer", name)
    )
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(_OWN)]
    return common + "".join(lines)
