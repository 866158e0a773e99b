"""The extensions that jobgen adds to the embedded server, and what to do about missing ones."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from jobgen.postgres.account import Account
from jobgen.postgres.system_folders import copy_for_all, state_folder

_FOLDER = Path(__file__).with_name("development")
"""A folder for extension_control_path: extensions in SQL, for development only.

The wheel has neither pgcrypto nor uuid-ossp, which need libraries that it does not bundle.
"""
_SEPARATOR = ":"
"""The separator of folders in extension_control_path, which cannot be quoted."""

_NO_EXTENSION = re.compile(r'extension "([^"]+)" is not available')
_NO_ICU = re.compile(r"ICU is not supported in this build")
_UNKNOWN = re.compile(
    r'(?:function|type|operator class) "?(?:[^".(]+\.)?(\w+)\b.* does not exist\b.*'
)
# Frameworks create some extensions themselves, so that schema files use them without a statement.
_PARTS = {
    "citext": re.compile(r"citext"),
    "hstore": re.compile(r"hstore"),
    "pg_trgm": re.compile(r"(?:gin|gist)_trgm_ops"),
    "pgcrypto": re.compile(r"gen_random_bytes|gen_salt|crypt|digest|hmac|pgp_\w+"),
    "uuid-ossp": re.compile(r"uuid_(?:generate_v\w+|ns_\w+|nil)"),
    "vector": re.compile(r"vector|halfvec|sparsevec"),
}


def development_extensions(account: Account) -> Path:
    """Return a folder with pgcrypto and uuid-ossp in SQL, which `account` can read."""
    if account.is_current and _SEPARATOR not in str(_FOLDER):
        return _FOLDER
    # Root's account cannot enter a virtual environment below /root.
    content = hashlib.sha256()
    for path in sorted(_FOLDER.rglob("*.*")):
        content.update(path.read_bytes())
    copy = state_folder("cache") / f"extensions-{content.hexdigest()[:16]}"
    copy_for_all([_FOLDER], copy, frozenset())
    return copy / _FOLDER.name


def missing_extension_hint(name: str) -> str:
    """Return what to do about a PostgreSQL that does not have the extension `name`."""
    return _other_server_hint(f"the extension {name}")


def missing_feature_hint(error: str) -> str | None:
    """Return what to do about an error that another PostgreSQL would not have.

    Args:
        error: The primary message of a server, in English.

    Returns:
        None if the error has another reason than a missing extension, or a server without ICU.
    """
    if extension := _NO_EXTENSION.search(error):
        return missing_extension_hint(extension[1])
    if unknown := _UNKNOWN.fullmatch(error):
        return _create_extension_hint(unknown[1])
    return _other_server_hint("ICU") if _NO_ICU.search(error) else None


def _create_extension_hint(part: str) -> str | None:
    """Return which extension has to be created for a function, type or operator class."""
    extension = next((name for name, names in _PARTS.items() if names.fullmatch(part)), None)
    if extension is None:
        return None
    return (
        f'{part} is part of an extension: write CREATE EXTENSION "{extension}"; before this, or'
        " add the extension's schema to the search_path."
    )


def _other_server_hint(what: str) -> str:
    return (
        f"Use a PostgreSQL that has {what}: set [tool.jobgen.postgres] bin to the folder of an"
        " installed one's programs, such as /usr/lib/postgresql/18/bin, or set DATABASE_URL."
    )
