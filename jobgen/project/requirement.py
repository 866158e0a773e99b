"""The requirements by which an application installs jobgen's two distributions."""

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
WSGI_EXTRAS = "[binary,dashboard,wsgi]"
DJANGO_EXTRAS = "[binary,dashboard,django]"
"""Those of a WSGI application, which shows the dashboard too."""


def installed_requirement(distribution: str, extras: str = "") -> str:
    """Return the requirement that installs a distribution from where it was installed from.

    This is its name alone, for the package index, unless it was installed from a repository, or
    from a folder or file that still exists (`direct_url.json` of PEP 610).
    """
    try:
        text = metadata.distribution(distribution).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    url = _direct_url(json.loads(text)) if text else None
    return f"{distribution}{extras} @ {url}" if url else f"{distribution}{extras}"


def given_requirement(distribution: str, extras: str, where: str) -> str:
    """Return the requirement that installs a distribution from a path or a URL.

    Args:
        distribution: The name of the distribution.
        extras: Its extras in brackets, or "".
        where: A folder, a wheel or a URL.

    Raises:
        UsageError: The distribution is not at that path, or the URL is invalid.
    """
    scheme = urlsplit(where).scheme
    if len(scheme) > 1:  # one letter is a drive on Windows
        if any(character in where for character in "\"'\\ \t\n\r"):
            raise UsageError(f"{where!r} is not a URL: encode the spaces and quotes in it.")
        return f"{distribution}{extras} @ {where}"
    path = Path(where).expanduser()
    module = distribution.replace("-", "_")
    if path.is_dir():
        if not (path / "pyproject.toml").is_file():
            raise UsageError(
                f"{where} has no pyproject.toml.",
                hint=f"Give the folder, wheel or URL that {distribution} is installed from.",
            )
    elif not path.is_file():
        raise UsageError(f"{where} does not exist, and is not a URL.")
    elif not path.name.startswith((f"{module}-", f"{distribution}-")):
        raise UsageError(f"{where} is not a distribution of {distribution}.")
    return f"{distribution}{extras} @ {path.resolve().as_uri()}"


def _direct_url(origin: dict[str, object]) -> str | None:
    """Return the URL of a direct_url.json for a requirement; None where its file is missing."""
    url = str(origin["url"])
    subdirectory = origin.get("subdirectory")
    fragment = f"#subdirectory={subdirectory}" if subdirectory else ""
    vcs = origin.get("vcs_info")
    if isinstance(vcs, dict):
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}{fragment}"
    if url.startswith("file:") and not Path(url2pathname(urlsplit(url).path)).exists():
        return None
    return f"{url}{fragment}"
