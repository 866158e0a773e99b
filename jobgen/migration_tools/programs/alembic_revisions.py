"""Render revisions of Alembic that follow the project's last one. Nothing is written.

The request has `ini`, `location`, `runtime`, `first_runtime_revision`, `runtime_revision` and
`revisions`; the answer has the text of each file by its path, and the `head` that they follow.
"""

import hashlib
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobgen.migration_tools.programs.answer import Refusal, answer

_INSTALLED = re.compile(r"create_runtime_schema\(op, (\d+)\)")


def _read_directory(request: dict[str, Any]) -> tuple[Any, Any]:
    """Return Alembic's configuration and its folder of scripts."""
    try:
        from alembic.config import Config
        from alembic.script import ScriptDirectory
    except ImportError as error:
        raise Refusal(
            f"Alembic cannot be imported by {sys.executable}: {error}.",
            "Install it in the project's environment: pip install alembic",
        ) from None
    Path(request["ini"]).read_text(encoding="utf-8")
    try:
        config = Config(request["ini"], toml_file="pyproject.toml")
    except TypeError:  # before Alembic 1.16
        config = Config(request["ini"])
    if request["location"]:
        config.set_main_option("script_location", request["location"])
    return config, ScriptDirectory.from_config(config)


def _choose_head(directory: Any) -> tuple[str | None, int]:
    """Return the head to follow, or None, and the runtime's version that is created before it."""
    versions: dict[str, int] = {}
    for head in directory.get_heads():
        found = [
            int(version)
            for script in directory.iterate_revisions(head, "base")
            for version in _INSTALLED.findall(Path(script.path).read_text(encoding="utf-8"))
        ]
        versions[head] = max(found, default=0)
    heads = list(versions)
    if len(heads) > 1:
        heads = [head for head in heads if versions[head]]
    if len(heads) == 1:
        return heads[0], versions[heads[0]]
    if not versions:
        return None, 0
    raise Refusal(
        f"Alembic has several heads: {', '.join(versions)}.",
        "Merge them with `alembic merge heads -m merge`. If they are meant to stay, jobs follow the"
        " one that creates the runtime's schema: docs/database.md has the text of its revision.",
    )


def _versions_folder(directory: Any, head: str | None) -> Path:
    """Return the folder of new revisions: that of the head, otherwise the first one."""
    if head is not None:
        return Path(directory.get_revision(head).path).parent
    locations = list(directory.version_locations or ())
    return Path(locations[0]) if locations else Path(directory.dir) / "versions"


def _now(directory: Any) -> datetime:
    """Return the time in the time zone that alembic.ini names, else in that of the machine."""
    if not directory.timezone:
        return datetime.now(UTC).astimezone().replace(tzinfo=None)
    from zoneinfo import ZoneInfo

    try:
        return datetime.now(ZoneInfo(directory.timezone))
    except (KeyError, ValueError):
        message = f"The time zone {directory.timezone} of alembic.ini is not known."
        raise Refusal(message) from None


def _file_name(directory: Any, identifier: str, message: str, created: datetime) -> str:
    """Return the name of a revision's file by `file_template` of alembic.ini."""
    slug = "_".join(re.findall(r"\w+", message)).lower()
    if len(slug) > directory.truncate_slug_length:
        slug = slug[: directory.truncate_slug_length].rsplit("_", 1)[0] + "_"
    parts = {"rev": identifier, "slug": slug, "epoch": int(created.timestamp())}
    for part in ("year", "month", "day", "hour", "minute", "second"):
        parts[part] = getattr(created, part)
    return f"{directory.file_template % parts}.py"


def _render(
    config: Any, directory: Any, head: str | None, revision: dict[str, str]
) -> tuple[str, str, str]:
    """Return the identifier, the file and the text of a revision, by the project's template."""
    from alembic import util
    from mako.template import Template  # type: ignore[import-untyped]

    text = json.dumps([head, revision], sort_keys=True)
    identifier = hashlib.sha256(text.encode()).hexdigest()[:12]
    template = Path(directory.dir) / "script.py.mako"
    if not template.is_file():
        message = f"{os.path.relpath(template)} does not exist."
        raise Refusal(message, "Alembic writes revisions by this template.")
    created = _now(directory)
    rendered = Template(filename=str(template)).render(  # noqa: S702 -- it is Python, not HTML
        **revision,
        up_revision=identifier,
        down_revision=head,
        branch_labels=None,
        depends_on=None,
        create_date=created,
        comma=util.format_as_comma,
        config=config,
    )
    missing = [
        key for key in ("imports", "upgrades", "downgrades") if revision[key] not in rendered
    ]
    if missing:
        raise Refusal(
            f"{os.path.relpath(template)} does not write {' and '.join(missing)}.",
            "Correct it: Alembic's own template has ${upgrades} and ${downgrades}.",
        )
    return identifier, _file_name(directory, identifier, revision["message"], created), rendered


def revision_files(request: dict[str, Any]) -> dict[str, Any]:
    """Return the text of each new revision by its path, and the last one that exists."""
    config, directory = _read_directory(request)
    head, version = _choose_head(directory)
    folder = _versions_folder(directory, head)
    revisions = list(request["revisions"])
    previous = head
    if version < request["runtime"]:
        key = "runtime_revision" if version else "first_runtime_revision"
        revisions.insert(0, request[key])
    files: dict[str, str] = {}
    for revision in revisions:
        head, name, text = _render(config, directory, head, revision)
        files[str((folder / name).resolve())] = text
    return {"files": files, "head": previous}


if __name__ == "__main__":
    answer(
        revision_files,
        "Alembic's revisions cannot be read",
        "Correct it until `alembic heads` works in the project's folder.",
    )
