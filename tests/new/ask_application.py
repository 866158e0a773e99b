"""Ask the application of the current folder for paths, and print the status of each answer."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any

import httpx

PATHS = ("/jobs/", "/jobs", "/jobs/ListJobs", "/", "/other", "/jobsite")
SHOP = "http://shop"


def ask_wsgi(app: Any) -> list[int]:
    """Return the status of each path's answer."""
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=SHOP) as client:
        return [client.get(path).status_code for path in PATHS]


async def ask_asgi(app: Any) -> list[int]:
    """Return the status of each path's answer."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SHOP) as client:
        return [(await client.get(path)).status_code for path in PATHS]


if __name__ == "__main__":
    sys.path[0] = ""
    module, _, expression = sys.argv[1].partition(":")
    application = eval(expression, vars(importlib.import_module(module)))  # noqa: S307 -- a test's
    is_flask = type(application).__name__ == "Flask"
    print(json.dumps(ask_wsgi(application) if is_flask else asyncio.run(ask_asgi(application))))
