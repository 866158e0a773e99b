"""Which application a module belongs to."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from jobgen_runtime.project.config import read_config
from jobgen_runtime.project.paths import match_pattern, placeholders
from jobgen_runtime.project.words import camel_case, snake_case, split_words


def application_of(module: str, root: Path) -> str | None:
    """Return the application of a job's module, given by its dotted name.

    Returns:
        The application in the module's path; the default application where the project's
        pattern for jobs names none; None for a module that the pattern does not match.

    Raises:
        ProjectError: The project's configuration cannot be read or is invalid.
    """
    config = read_config(root)
    pattern = config.paths.job
    if not {"App", "app"} & set(placeholders(pattern)):
        return config.application
    path = config.source / PurePosixPath(*module.split(".")).with_suffix(".py")
    names = match_pattern(pattern, path)
    if names is None:
        return None
    return application_name(names.get("App", ""), names.get("app", ""), config.application)


def application_name(app: str, snake_app: str, default: str) -> str:
    """Return the name of the application whose path has `{App}` as `app` or `{app}` as `snake_app`.

    Args:
        app: The name, "" where the path has none.
        snake_app: The name in snake case, "" where the path has none.
        default: The project's default application.
    """
    if app:
        return app
    if not snake_app or snake_app == snake_case(default):
        return default
    return camel_case(split_words(snake_app))
