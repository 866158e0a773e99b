"""How an application asks for jobgen's two distributions, so that it gets what is there."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from jobgen.errors import UsageError

RUNTIME = "jobgen-runtime"
GENERATOR = "jobgen"
EXTRAS = "[binary,dashboard]"


def installed_requirement(distribution: str, extras: str = "") -> str:
    """The requirement that brings `distribution` from where it was installed from.

    That is the index, by its name alone, unless it was installed from a folder, a file or a
    repository that is still there (PEP 610: `direct_url.json`).
    """
    try:
        text = metadata.distribution(distribution).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    url = _direct_url(json.loads(text)) if text else None
    return f"{distribution}{extras} @ {url}" if url else f"{distribution}{extras}"


def given_requirement(distribution: str, extras: str, where: str) -> str:
    """The requirement that brings `distribution` from a path or a URL.

    Raises UsageError for a path where it is not, and for what is no URL.
    """
    scheme = urlsplit(where).scheme
    if len(scheme) > 1:  # one letter is a drive of Windows
        if any(character in where for character in "\"'\\ \t\n\r"):
            raise UsageError(f"{where!r} is no URL: spaces and quotes in it have to be encoded.")
        return f"{distribution}{extras} @ {where}"
    path = Path(where).expanduser()
    module = distribution.replace("-", "_")
    if path.is_dir():
        if not (path / "pyproject.toml").is_file():
            raise UsageError(
                f"{where} has no pyproject.toml.",
                hint=f"Name the folder, wheel or URL that {distribution} is installed from.",
            )
    elif not path.is_file():
        raise UsageError(f"{where} is not there, and is no URL.")
    elif not path.name.startswith((f"{module}-", f"{distribution}-")):
        raise UsageError(f"{where} is not a distribution of {distribution}.")
    return f"{distribution}{extras} @ {path.resolve().as_uri()}"


def _direct_url(origin: dict[str, object]) -> str | None:
    """The URL of a direct_url.json as a requirement has it; None where it leads nowhere now."""
    url = str(origin["url"])
    subdirectory = origin.get("subdirectory")
    fragment = f"#subdirectory={subdirectory}" if subdirectory else ""
    vcs = origin.get("vcs_info")
    if isinstance(vcs, dict):
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}{fragment}"
    if url.startswith("file:") and not Path(url2pathname(urlsplit(url).path)).exists():
        return None
    return f"{url}{fragment}"
