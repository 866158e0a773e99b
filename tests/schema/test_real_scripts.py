"""SQL that others wrote: the scripts of the extensions that the server brings."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.postgres.binaries import installed_binaries
from jobgen.schema.errors import SchemaError
from jobgen.schema.parse.reader import read_schema


def test_each_is_read_or_refused_with_the_line() -> None:
    folder = installed_binaries().package / "pginstall" / "share" / "extension"
    scripts = sorted(folder.glob("*.sql"))
    refused = []
    for script in scripts:
        try:
            read_schema(script.read_text(encoding="utf-8"), PurePosixPath(script.name))
        except SchemaError as error:
            refused.append(error.message)
    # Placeholders (@extschema@) are no SQL; all else is.
    assert len(scripts) > 50
    assert all("@" in message for message in refused), refused
