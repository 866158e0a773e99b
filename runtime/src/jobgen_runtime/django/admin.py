"""A base class for the admin of job tables, whose models are not managed by Django."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.html import format_html

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.access.redaction import DEFAULT_REDACTION, redact_secrets
from jobgen_runtime.django.auth import table_key
from jobgen_runtime.django.dashboard import dashboard_address
from jobgen_runtime.job_table.columns import JOB_COLUMNS

MOST_COUNTED = 10_000
"""Jobs that a list counts and has pages for; the dashboard shows them all."""

OWN_COLUMNS_SHOWN = 3
"""Columns of a list that other job tables do not have."""


class BoundedPaginator(Paginator):
    """Counts no further than MOST_COUNTED, whatever the size of the table."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows that pages show."""
        found: int = self.object_list[:MOST_COUNTED].count()
        return found


class StatusFilter(admin.SimpleListFilter):
    """Choose jobs by their status."""

    title = "status"
    parameter_name = "status"

    def lookups(self, _request: Any, _model_admin: Any) -> list[tuple[str, str]]:
        """Return the statuses, as addresses and as pages have them."""
        return [(_word(status), _label(status)) for status in JobStatus]

    def queryset(self, _request: Any, queryset: Any) -> Any:
        """Return the jobs with the chosen status."""
        chosen = self.value()
        known = {_word(status): status.value for status in JobStatus}
        return queryset.filter(status=known[chosen]) if chosen in known else queryset


class ReadOnlyJobAdmin(admin.ModelAdmin):
    """Shows the jobs of a table, and leads to the dashboard, which may change them.

        @admin.register(EmailCustomersJobModel)
        class EmailCustomersJobAdmin(ReadOnlyJobAdmin):
            pass

    Jobs are found by their id, and filtered by their status. Columns whose names are those of
    secrets are left out.
    """

    ordering: Sequence[str] = ["-pk"]
    list_filter: Sequence[Any] = [StatusFilter]
    search_fields: Sequence[str] = ["pk"]
    search_help_text = "The id of a job"
    show_full_result_count = False
    list_per_page = 25
    list_max_show_all = 0
    paginator = BoundedPaginator

    def get_list_display(self, request: Any) -> Sequence[Any]:
        """Return the columns of the list: those of the class, or the usual ones."""
        if tuple(self.list_display) != tuple(admin.ModelAdmin.list_display):
            return list(super().get_list_display(request))
        own = [name for name in self._shown() if name not in JOB_COLUMNS][:OWN_COLUMNS_SHOWN]
        usual = ["id", "job_status", *own, "attempts_count", "run_at", "created_at"]
        return [*usual, "on_dashboard"] if dashboard_address() else usual

    def get_fields(self, request: Any, obj: Any = None) -> Sequence[Any]:
        """Return the fields of a job's page."""
        if self.fields is not None or self.fieldsets is not None:
            return list(super().get_fields(request, obj))
        named = {"status": "job_status", "last_error": "error"}
        shown = [named.get(name, name) for name in self._shown()]
        return [*shown, "on_dashboard"] if dashboard_address() else shown

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Sequence[Any]:
        """Return the fields that are not of the model, and those of the class."""
        return [*super().get_readonly_fields(request, obj), "job_status", "error", "on_dashboard"]

    def get_search_results(
        self, _request: Any, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Return the job with an id. Another search would read the whole table."""
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    def has_add_permission(self, *_arguments: Any, **_options: Any) -> bool:
        """Return False: jobs are inserted by the application, or on the dashboard."""
        return False

    def has_change_permission(self, *_arguments: Any, **_options: Any) -> bool:
        """Return False: a change could contradict the worker that has the job."""
        return False

    def has_delete_permission(self, *_arguments: Any, **_options: Any) -> bool:
        """Return False: a running job must not vanish."""
        return False

    @admin.display(description="status", ordering="status")
    def job_status(self, job: Any) -> str:
        """Return the status as the dashboard names it."""
        return _label(job.status)

    @admin.display(description="last error")
    def error(self, job: Any) -> str | None:
        """Return the last error without passwords, tokens and keys."""
        return redact_secrets(job.last_error) if job.last_error else None

    @admin.display(description="dashboard")
    def on_dashboard(self, job: Any) -> str | None:
        """Return a link to the job's page on the dashboard."""
        page = dashboard_address("ViewJob")
        if page is None:
            return None
        query = urlencode({"tableName": table_key(self.model), "id": job.pk})
        return str(format_html('<a href="{}">Show</a>', f"{page}?{query}"))

    def _shown(self) -> list[str]:
        """Return the names of the fields whose columns are not secrets."""
        return [
            field.name
            for field in self.opts.fields
            if not DEFAULT_REDACTION.applies(self.opts.db_table, field.column, "")
        ]


def _word(status: JobStatus) -> str:
    return status.value.removeprefix("job_status_")


def _label(status: object) -> str:
    """Return a status, which the model may have as a text or as a member of an enum, for people."""
    text = str(getattr(status, "value", status))
    return text.removeprefix("job_status_").replace("_", " ").capitalize()
