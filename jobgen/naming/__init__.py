"""Names of applications, jobs, scripts, records, attributes and SQL identifiers."""

from jobgen_runtime.project import camel_case, snake_case, split_words

from jobgen.naming.applications import parse_application_name
from jobgen.naming.jobs import JobName, ScriptName, parse_job_name, parse_script_name
from jobgen.naming.records import attribute_name, attribute_names, record_name, singular
from jobgen.naming.sql import quote_identifier

__all__ = [
    "JobName",
    "ScriptName",
    "attribute_name",
    "attribute_names",
    "camel_case",
    "parse_application_name",
    "parse_job_name",
    "parse_script_name",
    "quote_identifier",
    "record_name",
    "singular",
    "snake_case",
    "split_words",
]
