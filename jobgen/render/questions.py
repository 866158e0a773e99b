"""Read the questions of a user's template, and refuse settings that need Copier."""

from __future__ import annotations

from pathlib import Path

from jobgen_runtime.project import read_text

from jobgen.errors import JobgenError
from jobgen.project import project_errors

QUESTION_FILES = ("copier.yml", "copier.yaml")
TEMPLATE_SUFFIX = ".jinja"
_ENVIRONMENT = {"undefined": "jinja2.StrictUndefined", "keep_trailing_newline": True}


def read_defaults(folder: Path) -> dict[str, object]:
    """Return the default of each question in the folder's copier.yml, if it has one.

    Raises:
        JobgenError: The file cannot be read, or has a setting that needs Copier itself
            (`_tasks`, `_migrations`, `_jinja_extensions`, …). Ignoring such a setting would
            render something else than the template says.
    """
    import yaml

    file = next((folder / name for name in QUESTION_FILES if (folder / name).is_file()), None)
    if file is None:
        return {}
    with project_errors():
        text = read_text(file)
    try:
        content = yaml.safe_load(text or "") or {}
    except yaml.YAMLError as error:
        raise JobgenError(f"{file} cannot be read: {error}.") from None
    if not isinstance(content, dict):
        raise JobgenError(f"{file} is not a mapping of questions.")
    allowed = _ENVIRONMENT.items()
    refused = [
        str(key)
        for key, value in content.items()
        if str(key).startswith("_")
        and not (
            key == "_min_copier_version"
            or (key == "_templates_suffix" and value == TEMPLATE_SUFFIX)
            or (key == "_envops" and isinstance(value, dict) and value.items() <= allowed)
        )
    ]
    if refused:
        raise JobgenError(
            f"{file} uses {', '.join(refused)}, which jobgen does not support.",
            hint="A generator's template has only variables and file names. Remove the setting,"
            " or render the folder with Copier yourself.",
        )
    return {
        str(name): question["default"] if isinstance(question, dict) else question
        for name, question in content.items()
        if not str(name).startswith("_")
        and (not isinstance(question, dict) or "default" in question)
    }
