"""The reader handles SQL that others wrote: the scripts of the server's extensions."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.postgres.embedded import wheel_package
from jobgen.schema.errors import SchemaError
from jobgen.schema.parse.reader import read_schema


def test_extension_script_is_read_unless_it_has_placeholders() -> None:
    folder = wheel_package() / "pginstall" / "share" / "extension"
    scripts = sorted(folder.glob("*.sql"))
    refused = []
    for script in scripts:
        try:
            read_schema(script.read_text(encoding="utf-8"), PurePosixPath(script.name))
        except SchemaError as error:
            refused.append(error.message)
    # Only scripts with placeholders (@extschema@) are not valid SQL.
    assert len(scripts) > 50
    assert all("@" in message for message in refused), refused
