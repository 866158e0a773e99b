"""Who may see the dashboard."""

from __future__ import annotations

import base64
import binascii
import os
from abc import ABC, abstractmethod
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response


class AuthenticationMethod(ABC):
    """Lets a request in, or answers it itself. Derive from this for your own way."""

    @abstractmethod
    async def authenticate(self, request: Request) -> Response | None:
        """None lets the request in; a response (401, a redirect to your login) is the answer.

        Asked before anything else of every request to the dashboard, whatever its address.
        """


class NoAuth(AuthenticationMethod):
    """Lets everybody in: for dashboards that something in front of them guards."""

    async def authenticate(self, request: Request) -> Response | None:  # noqa: ARG002 - anybody
        return None


class BasicAuthStatic(AuthenticationMethod):
    """HTTP Basic with a name and a password from the code."""

    def __init__(self, user: str, password: str) -> None:
        if not user or not password:
            raise ValueError("BasicAuthStatic: neither the user nor the password may be empty")
        self._user = user
        self._password = password

    async def authenticate(self, request: Request) -> Response | None:
        return basic_auth(request, self._user, self._password)


class BasicAuth(AuthenticationMethod):
    """HTTP Basic with a name and a password from two environment variables.

    While one of them is unset or empty nobody is let in.
    """

    def __init__(self, user_variable: str, password_variable: str) -> None:
        self._variables = (user_variable, password_variable)

    async def authenticate(self, request: Request) -> Response | None:
        user, password = (os.environ.get(name, "") for name in self._variables)
        if user and password:
            return basic_auth(request, user, password)
        return PlainTextResponse(
            "The jobs dashboard is closed: set the environment variables "
            f"{self._variables[0]} and {self._variables[1]} to a user name and a password, "
            "and start the application again.\n",
            status_code=503,
        )


def basic_auth(request: Request, user: str, password: str) -> Response | None:
    """None if the request carries these credentials, else a 401 that asks for them."""
    given_user, given_password = credentials(request.headers.get("authorization", ""))
    # Both are always compared, so that the time taken does not tell which one was wrong.
    same_user = compare_digest(given_user, user.encode())
    same_password = compare_digest(given_password, password.encode())
    if same_user & same_password:
        return None
    return PlainTextResponse(
        "The jobs dashboard asks for a user name and a password.\n",
        status_code=401,
        headers={"WWW-Authenticate": 'Basic realm="Jobs", charset="UTF-8"'},
    )


def credentials(header: str) -> tuple[bytes, bytes]:
    """The name and the password in an Authorization header; empty where it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b"", b""
    user, _, password = decoded.partition(b":")
    return user, password
