"""Run a Python block of a document from standard input, with `await` at its top level."""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from types import CodeType


async def run(code: CodeType) -> None:
    result = eval(code, {"__name__": "__main__"})  # noqa: S307 -- the documents are our own
    if inspect.isawaitable(result):
        await result


if __name__ == "__main__":
    sys.path.insert(0, ".")
    asyncio.run(run(compile(sys.stdin.read(), sys.argv[1], "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)))
