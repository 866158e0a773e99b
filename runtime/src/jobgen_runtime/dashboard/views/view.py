"""The base class of all views, and the context that a view receives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, overload

from psycopg import AsyncConnection
from starlette.requests import Request

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import Html, confirmed, post_button, time_ago
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.failures import CauseCache
from jobgen_runtime.dashboard.figures.kept import Kept
from jobgen_runtime.dashboard.web.addresses import Addresses
from jobgen_runtime.dashboard.web.parameters import Parameters

T = TypeVar("T")


@dataclass(frozen=True)
class ViewContext:
    """One table within one request, inside the request's transaction."""

    request: Request
    conn: AsyncConnection[Any]
    addresses: Addresses
    parameters: Parameters
    now: Moment
    table: JobTable
    rights: frozenset[Right]
    """What the visitor may do with jobs of the table."""

    field_errors: Mapping[str, str] = field(default_factory=dict)
    """Why a form's values were not accepted, by column, if it is shown again for that."""

    max_attempts: int | None = None
    """The job class's max_attempts; None if the dashboard does not know the class."""

    causes: CauseCache = field(default_factory=CauseCache)
    kept: Kept = field(default_factory=Kept)


class View:
    """Access to the request, a connection and the dashboard's addresses, for subclasses."""

    def __init__(self, context: ViewContext) -> None:
        self.context = context

    @property
    def request(self) -> Request:
        """The current request."""
        return self.context.request

    @property
    def conn(self) -> AsyncConnection[Any]:
        """A connection in a transaction that is committed when the request has succeeded."""
        return self.context.conn

    @property
    def addresses(self) -> Addresses:
        """The dashboard's addresses, correct wherever it is mounted."""
        return self.context.addresses

    @property
    def table_name(self) -> str:
        """The job table's name in the dashboard's addresses (the parameter `tableName`)."""
        return self.context.table.key

    def may(self, right: Right) -> bool:
        """Return whether the visitor may do this with jobs of this kind."""
        return right in self.context.rights

    @overload
    def param(self, name: str) -> str: ...
    @overload
    def param(self, name: str, convert: Callable[[str], T]) -> T: ...
    def param(self, name: str, convert: Callable[[str], Any] = str) -> Any:
        """Return a parameter of the form or the query: `self.param("band_id", UUID)`.

        Raises:
            RequestRefused: The parameter is missing, or `convert` raised ValueError (400).
        """
        return self.context.parameters.required(name, convert)

    def action_button(
        self,
        right: Right,
        label: str,
        values: Mapping[str, object],
        *,
        kind: str = "plain",
        of: str = "",
        confirm: str = "",
    ) -> Html:
        """Return a button that does what a right allows; nothing for visitors without it.

            self.action_button(Right.DELETE, "Delete", {"id": job.id}, kind="danger")
            self.action_button(Right.CREATE, "Run again", {"band_id": job.band_id})

        Args:
            right: `Right.CREATE` calls `create_new_job`; `RETRY`, `CANCEL` and `DELETE` need the
                job's `id`.
            label: The text on the button.
            values: The parameters.
            kind: "plain", "primary", "danger", "small" or "link".
            of: What the button acts on, where several have the same label: read aloud, not shown.
            confirm: What the button says it does, and asks for, before it does it. Without it, one
                click is enough.
        """
        if not self.may(right):
            return Html()
        action = self.addresses.change_job(right)
        values = {"tableName": self.table_name, **values}
        button = post_button(action, label, values, kind=kind, of=of)
        if not confirm:
            return button
        control = f"{right.value}-{values.get('id', 'job')}"
        back = "Keep it" if right in {Right.CANCEL, Right.DELETE} else "Back"
        return confirmed(confirm, label, button, back=back, control=control)

    def time_ago(self, moment: datetime | None) -> Html:
        """Return how long ago a moment is, as HTML with the moment itself as a tooltip."""
        return time_ago(moment, self.context.now)
