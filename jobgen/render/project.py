"""Render the files of a whole application with Copier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from jobgen.errors import JobgenError
from jobgen.render.template import bundled_templates


def render_project(answers: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
    """Render `templates/project`, using a temporary folder.

    Args:
        answers: The answers to the template's questions.

    Returns:
        The contents of each file, by its path.

    Raises:
        JobgenError: Copier cannot render the template.
    """
    # Importing Copier takes longer than any other command takes in total.
    import copier
    from copier.errors import CopierError

    try:
        with TemporaryDirectory(prefix="jobgen-") as folder:
            copier.run_copy(
                str(bundled_templates() / "project"),
                folder,
                data=dict(answers),
                defaults=True,
                quiet=True,
                # The user's own settings are meant for templates that the user runs.
                settings=copier.Settings(),
            )
            return _read(Path(folder))
    except (CopierError, OSError) as error:
        raise JobgenError(f"The application cannot be rendered: {error}.") from error


def _read(folder: Path) -> dict[PurePosixPath, bytes]:
    return {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
