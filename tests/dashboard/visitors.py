"""Authentication of tests: everyone is the visitor that the test names."""

from __future__ import annotations

from typing import Any

from jobgen_runtime.dashboard import AuthenticationMethod
from starlette.requests import Request


class Everyone(AuthenticationMethod):
    """Accept everyone, as the visitor that it is given."""

    def __init__(self, visitor: Any) -> None:
        self.visitor = visitor

    async def authenticate(self, request: Request) -> Any:  # noqa: ARG002 -- all
        return self.visitor
