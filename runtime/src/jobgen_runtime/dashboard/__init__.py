"""The jobs dashboard: an ASGI application to mount in yours. Requires the extra `dashboard`."""

from __future__ import annotations

try:
    import jinja2 as _jinja2  # noqa: F401 -- only to say what is missing
    import starlette as _starlette  # noqa: F401 -- only to say what is missing
except ImportError as error:
    raise ImportError(
        "The dashboard needs Starlette and Jinja. Install them: "
        'pip install "jobgen-runtime[dashboard]"'
    ) from error

from jobgen_runtime.dashboard.access.auth import (
    AuthenticationMethod,
    BasicAuth,
    BasicAuthStatic,
    NoAuth,
)
from jobgen_runtime.dashboard.access.redaction import redact_secrets
from jobgen_runtime.dashboard.access.view_auth import ViewAuth
from jobgen_runtime.dashboard.access.visitor import ALL_RIGHTS, Right, Visitor
from jobgen_runtime.dashboard.app import JobsDashboard
from jobgen_runtime.dashboard.changes.change import Change
from jobgen_runtime.dashboard.changes.insert import InvalidForm
from jobgen_runtime.dashboard.components.details import detail_table, error_block
from jobgen_runtime.dashboard.components.html import (
    Html,
    column_name_to_field_label,
    html,
    post_button,
    status_to_badge,
    time_ago,
)
from jobgen_runtime.dashboard.jobs_link import jobs_link
from jobgen_runtime.dashboard.views.displayable import DisplayableJob
from jobgen_runtime.dashboard.views.forms import fields_for, form_for, select_field
from jobgen_runtime.dashboard.views.related import fetch_related
from jobgen_runtime.dashboard.views.table_viewable import (
    TableViewable,
    make_dashboard_section_from_table_viewable,
    make_list_page_from_table_viewable,
)

__all__ = [
    "ALL_RIGHTS",
    "AuthenticationMethod",
    "BasicAuth",
    "BasicAuthStatic",
    "Change",
    "DisplayableJob",
    "Html",
    "InvalidForm",
    "JobsDashboard",
    "NoAuth",
    "Right",
    "TableViewable",
    "ViewAuth",
    "Visitor",
    "column_name_to_field_label",
    "detail_table",
    "error_block",
    "fetch_related",
    "fields_for",
    "form_for",
    "html",
    "jobs_link",
    "make_dashboard_section_from_table_viewable",
    "make_list_page_from_table_viewable",
    "post_button",
    "redact_secrets",
    "select_field",
    "status_to_badge",
    "time_ago",
]
