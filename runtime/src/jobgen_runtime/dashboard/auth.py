"""Authentication methods: who may use the dashboard."""

from __future__ import annotations

import base64
import binascii
import os
from abc import ABC, abstractmethod
from hmac import compare_digest
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from jobgen_runtime.dashboard.pages import refusal

MAX_HEADER = 4_096
"""Characters of the longest Authorization header that is read."""


class AuthenticationMethod(ABC):
    """Accept a request, or answer it. Subclass this to write your own method."""

    accepts_everyone: ClassVar[bool] = False
    """Whether anyone is let in. Then the dashboard answers only for this machine's own names."""

    @abstractmethod
    async def authenticate(self, request: Request) -> Response | None:
        """Return None to accept the request, or the response to send (401, a redirect to a login).

        Called first for every request to the dashboard, whatever its address.
        """


class NoAuth(AuthenticationMethod):
    """Accept everyone: for a dashboard that is protected in another way, such as by a proxy."""

    accepts_everyone = True

    async def authenticate(self, request: Request) -> Response | None:  # noqa: ARG002 -- everyone
        """Accept the request."""
        return None


class BasicAuthStatic(AuthenticationMethod):
    """HTTP Basic authentication with a user name and password from the code."""

    def __init__(self, user: str, password: str) -> None:
        if not user or not password:
            raise ValueError("BasicAuthStatic: user and password must not be empty.")
        self._user = user
        self._password = password

    async def authenticate(self, request: Request) -> Response | None:
        """Accept the request if it carries the user name and password."""
        return basic_auth(request, self._user, self._password)


class BasicAuth(AuthenticationMethod):
    """HTTP Basic authentication with a user name and password from two environment variables.

    While either is unset or empty, the dashboard is closed.
    """

    def __init__(self, user_variable: str, password_variable: str) -> None:
        self._variables = (user_variable, password_variable)

    async def authenticate(self, request: Request) -> Response | None:
        """Accept the request if it carries the credentials that the environment variables hold."""
        user, password = (os.environ.get(name, "") for name in self._variables)
        if user and password:
            return basic_auth(request, user, password)
        return refusal(
            503,
            "The jobs dashboard is closed: set the environment variables "
            f"{self._variables[0]} and {self._variables[1]} to a user name and a password, "
            "and restart the application.",
        )


def basic_auth(request: Request, user: str, password: str) -> Response | None:
    """Return None if the request carries these credentials, else a 401 response."""
    given_user, given_password = credentials(request.headers.get("authorization", ""))
    # Both are always compared, so that timing does not reveal which one was wrong.
    same_user = compare_digest(given_user, user.encode())
    same_password = compare_digest(given_password, password.encode())
    if same_user & same_password:
        return None
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
