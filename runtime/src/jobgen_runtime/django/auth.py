"""Who may use the dashboard: members of the staff, with the rights that Django gives them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from starlette.exceptions import HTTPException
from starlette.requests import Request

from jobgen_runtime.dashboard import AuthenticationMethod, Right, Visitor

SCOPE_KEY = "jobgen.django_visitor"
"""Where the view leaves the visitor for the authentication method, in the ASGI scope."""

_NEEDED = {
    Right.CREATE: "add",
    Right.RETRY: "change",
    Right.CANCEL: "change",
    Right.PAUSE: "change",
    Right.DELETE: "delete",
}
"""The permission on the table's model that a right needs."""


class StaffMember(AuthenticationMethod):
    """Accept the members of the staff that are logged in to Django.

    They may see all jobs. To change the jobs of a table, they need the permissions of its model.
    Superusers may do everything. Use it below `dashboard_urls`, which knows Django's request.
    """

    async def authenticate(self, request: Request) -> Visitor:
        """Return the user of Django's request."""
        visitor: object = request.scope.get(SCOPE_KEY)
        if not isinstance(visitor, Visitor):
            raise HTTPException(
                403,
                "StaffMember cannot tell who you are: the dashboard was not mounted by "
                "dashboard_urls. In urls.py, write "
                'path("jobs/", dashboard_urls(MyJobDashboard)).',
            )
        return visitor


def is_staff(user: Any) -> bool:
    """Return whether a user is let in: the condition of Django's `staff_member_required`."""
    return bool(user.is_active and user.is_staff)


def visitor_of(user: Any) -> Visitor:
    """Return a member of the staff as the dashboard's visitor."""
    name = str(user.get_username())
    if user.is_superuser:
        return Visitor(name)
    models = (model for model in apps.get_models() if not model._meta.managed)
    return Visitor(
        name,
        may={Right.SEE},
        kinds={table_key(model): _rights(user, model) for model in models},
    )


def table_key(model: Any) -> str:
    """Return the name of a model's table in the dashboard's addresses.

    Django quotes the name of a table, so models of a table in a schema have `schema"."table`.
    """
    return str(model._meta.db_table).replace('"."', ".").strip('"')


def _rights(user: Any, model: Any) -> frozenset[Right]:
    options = model._meta
    names = {
        right: f"{options.app_label}.{verb}_{options.model_name}" for right, verb in _NEEDED.items()
    }
    return frozenset({Right.SEE, *(right for right, name in names.items() if user.has_perm(name))})
