"""The knowledge of a project that generator and runtime share: its files and their names.

The distributions `jobgen` and `jobgen-runtime` share this package, so that each fact about a
project is stated once: how `pyproject.toml` is read, where files are, which application a module
belongs to, and where the database is. It is a leaf: it imports the standard library and
`jobgen_runtime.contract` and nothing else, so that the generator loads neither a database driver
nor a worker with it. An import contract in pyproject.toml holds this.
"""

from __future__ import annotations

from jobgen_runtime.project.applications import application_name, application_of
from jobgen_runtime.project.commands import migrate_command, set_migrate_command
from jobgen_runtime.project.config import (
    CONFIG_FILE,
    DEFAULT_APPLICATION,
    Config,
    find_root,
    find_table,
    invalid_option,
    parse_config,
    parse_path,
    parse_table,
    parse_text,
    parse_toml,
    read_config,
    read_table,
    require_root,
)
from jobgen_runtime.project.connection_failures import (
    describe_connection_failure,
    describe_invalid_address,
    is_rejection_message,
)
from jobgen_runtime.project.database_url import (
    STATE_FOLDER,
    database_url_path,
    environment_database_url,
    libpq_url,
    project_database_url,
)
from jobgen_runtime.project.load import (
    activate_project,
    active_project,
    add_hook,
    add_workers,
    added_workers,
    import_project_hooks,
    load_file,
    load_workers,
    main_modules,
    module_name,
    project_hooks,
    setup_modules,
)
from jobgen_runtime.project.paths import (
    GUIDE,
    PEP8,
    Paths,
    component_regex,
    fill,
    match_pattern,
    placeholders,
)
from jobgen_runtime.project.text import decode_text, read_bytes, read_text
from jobgen_runtime.project.words import camel_case, snake_case, split_words

__all__ = [
    "CONFIG_FILE",
    "DEFAULT_APPLICATION",
    "GUIDE",
    "PEP8",
    "STATE_FOLDER",
    "Config",
    "Paths",
    "activate_project",
    "active_project",
    "add_hook",
    "add_workers",
    "added_workers",
    "application_name",
    "application_of",
    "camel_case",
    "component_regex",
    "database_url_path",
    "decode_text",
    "describe_connection_failure",
    "describe_invalid_address",
    "environment_database_url",
    "fill",
    "find_root",
    "find_table",
    "import_project_hooks",
    "invalid_option",
    "is_rejection_message",
    "libpq_url",
    "load_file",
    "load_workers",
    "main_modules",
    "match_pattern",
    "migrate_command",
    "module_name",
    "parse_config",
    "parse_path",
    "parse_table",
    "parse_text",
    "parse_toml",
    "placeholders",
    "project_database_url",
    "project_hooks",
    "read_bytes",
    "read_config",
    "read_table",
    "read_text",
    "require_root",
    "set_migrate_command",
    "setup_modules",
    "snake_case",
    "split_words",
]
