"""The files of a whole application, rendered by Copier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from jobgen.errors import JobgenError
from jobgen.render.template import bundled_templates


def render_project(answers: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
    """Every file of `templates/project` for the answers to its questions, by path.

    Writes to a temporary folder alone. Raises JobgenError where Copier cannot.
    """
    # Copier takes longer to import than any other command takes in all.
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
                # The user's own settings are about templates that they chose themselves.
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
