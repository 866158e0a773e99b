"""Authentication methods: who may use the dashboard."""

from __future__ import annotations

import base64
import binascii
import os
from abc import ABC, abstractmethod
from hmac import compare_digest
from inspect import iscoroutinefunction
from math import ceil
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response

from jobgen_runtime.dashboard.access.failed_logins import FailedLogins
from jobgen_runtime.dashboard.access.visitor import ANYBODY, Visitor
from jobgen_runtime.dashboard.web.pages import refusal

TOO_MANY = "Too many logins from your address have failed. Try again in a moment."
MAX_HEADER = 4_096
"""Characters of the longest Authorization header that is read."""


class AuthenticationMethod(ABC):
    """Accept a request, or answer it. Subclass this to write your own method."""

    accepts_everyone: ClassVar[bool] = False
    """Whether anyone is let in. Then the dashboard answers only for this machine's own names."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not iscoroutinefunction(cls.authenticate):
            raise TypeError(
                f"{cls.__qualname__}: write `async def authenticate` instead of `def authenticate`."
            )

    @abstractmethod
    async def authenticate(self, request: Request) -> Response | Visitor | None:
        """Return who it is, or the response to send (401, a redirect to a login).

        A `Visitor` says what they may do. None accepts somebody without a name, who may do
        everything. Called first for every request to the dashboard, whatever its address.

        Raises:
            HTTPException: Of Starlette or FastAPI: the request is answered with its status, headers
                and message.
        """


class NoAuth(AuthenticationMethod):
    """Accept everyone: for a dashboard that is protected in another way, such as by a proxy."""

    accepts_everyone = True

    async def authenticate(self, request: Request) -> Visitor:  # noqa: ARG002 -- everyone
        """Accept the request."""
        return ANYBODY


class BasicAuthStatic(AuthenticationMethod):
    """HTTP Basic authentication with a user name and password from the code."""

    def __init__(self, user: str, password: str) -> None:
        if not user or not password:
            raise ValueError("BasicAuthStatic: user and password must not be empty.")
        self._user = user
        self._password = password
        self._failed = FailedLogins()

    async def authenticate(self, request: Request) -> Response | Visitor:
        """Accept the request if it carries the user name and password."""
        return basic_auth(request, self._user, self._password, self._failed)


class BasicAuth(AuthenticationMethod):
    """HTTP Basic authentication with a user name and password from two environment variables.

    While either is unset or empty, the dashboard is closed.
    """

    def __init__(self, user_variable: str, password_variable: str) -> None:
        self._variables = (user_variable, password_variable)
        self._failed = FailedLogins()

    async def authenticate(self, request: Request) -> Response | Visitor:
        """Accept the request if it carries the credentials that the environment variables hold."""
        user, password = (os.environ.get(name, "") for name in self._variables)
        if user and password:
            return basic_auth(request, user, password, self._failed)
        return refusal(
            503,
            "The jobs dashboard is closed: set the environment variables "
            f"{self._variables[0]} and {self._variables[1]} to a user name and a password, "
            "and restart the application.",
        )


def basic_auth(
    request: Request, user: str, password: str, failed: FailedLogins
) -> Response | Visitor:
    """Return the visitor if the request carries these credentials, else a 401 or 429 response."""
    header = request.headers.get("authorization")
    if header is None:
        return _login_required()
    client = request.client.host if request.client else None
    if wait := failed.seconds_to_wait(client):
        return refusal(429, TOO_MANY, {"Retry-After": str(ceil(wait))})
    given_user, given_password = credentials(header)
    # Both are always compared, so that timing does not reveal which one was wrong.
    same_user = compare_digest(given_user, user.encode())
    same_password = compare_digest(given_password, password.encode())
    if same_user & same_password:
        return Visitor(user)
    failed.add(client)
    return _login_required()


def _login_required() -> Response:
    return refusal(
        401,
        "The jobs dashboard requires a user name and a password.",
        {"WWW-Authenticate": 'Basic realm="Jobs", charset="UTF-8"'},
    )


def credentials(header: str) -> tuple[bytes, bytes]:
    """Return the user name and password of an Authorization header; empty if it has none."""
    scheme, _, encoded = header.partition(" ")
    if len(header) > MAX_HEADER or scheme.lower() != "basic":
        return b"", b""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b"", b""
    user, _, password = decoded.partition(b":")
    return user, password
