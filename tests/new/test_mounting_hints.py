"""The lines that `jobgen init` prints for a web application mount the dashboard."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jobgen.apply import apply_plan
from jobgen.generate import init
from tests.support import forked
from tests.support.tree import write_tree

FASTAPI = "from fastapi import FastAPI\nfrom starlette.routing import Mount\n\n\n"
STARLETTE = (
    "from starlette.applications import Starlette\n"
    "from starlette.responses import PlainTextResponse\n"
    "from starlette.routing import Mount\n\n"
    'hello = PlainTextResponse("hello")\n\n'
)
HELLO = (
    "async def hello(scope, receive, send):\n"
    '    await send({"type": "http.response.start", "status": 200, "headers": []})\n'
    '    await send({"type": "http.response.body", "body": b"hello"})\n\n\n'
)
FLASK = 'from flask import Flask\n\n\ndef hello(path="/"):\n    return "hello"\n\n\n'
RULES = (
    '{0}.add_url_rule("/", view_func=hello)\n{0}.add_url_rule("/<path:path>", view_func=hello)\n'
)
PLAIN_CLASS = (
    "class App:\n"
    "    async def __call__(self, scope, receive, send):\n"
    "        await hello(scope, receive, send)\n\n\n"
)


@dataclass(frozen=True)
class Case:
    """A project, and where its application is.

    Attributes:
        files: The text of each file.
        where: A part of the text that says where the code goes.
        application: The module and the expression of the application.
    """

    files: dict[str, str]
    where: str
    application: str = "main:app"
    needs: tuple[str, ...] = field(default=())


CASES = {
    "FastAPI with a catch-all mount": Case(
        {"main.py": FASTAPI + HELLO + 'app = FastAPI()\napp.mount("/", hello)\n'},
        "main.py, right after line 10 (`app = FastAPI()`)",
        needs=("fastapi",),
    ),
    "FastAPI in a factory": Case(
        {
            "shop/__init__.py": "",
            "shop/main.py": FASTAPI
            + HELLO
            + "def create_app() -> FastAPI:\n    api = FastAPI(\n        title='Shop',\n    )\n"
            '    api.mount("/", hello)\n    return api\n\n\napp = create_app()\n',
        },
        "to create_app in shop/main.py, right after line 13 (`api = FastAPI(`)",
        "shop.main:app",
        needs=("fastapi",),
    ),
    "FastAPI from a function without a name for it": Case(
        {
            "core.py": FASTAPI
            + HELLO
            + 'def build():\n    return FastAPI(routes=[Mount("/", hello)])\n',
            "main.py": "import core\n\napp = core.build()\n",
        },
        "main.py, right after line 3 (`app = core.build()`)",
        needs=("fastapi",),
    ),
    "FastAPI with another one that is mounted in it": Case(
        {
            "admin.py": FASTAPI + HELLO + "admin = FastAPI()\n",
            "conftest.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "main.py": "from fastapi import FastAPI\n\nfrom admin import admin, hello\n\n"
            "api = FastAPI()\napp = FastAPI()\n"
            'app.mount("/api", api)\napp.mount("/admin", admin)\napp.mount("/", hello)\n',
        },
        "main.py, right after line 6 (`app = FastAPI()`)",
        needs=("fastapi",),
    ),
    "FastAPI in a class": Case(
        {
            "main.py": FASTAPI
            + HELLO
            + "class Server:\n    def __init__(self):\n        self.api = FastAPI()\n"
            '        self.api.mount("/", hello)\n\n\nserver = Server()\n'
        },
        "to Server.__init__ in main.py",
        "main:server.api",
        needs=("fastapi",),
    ),
    "a subclass of FastAPI": Case(
        {
            "main.py": FASTAPI + HELLO + "class Shop(FastAPI): ...\n\n\n"
            'app: FastAPI = Shop()\napp.mount("/", hello)\n'
        },
        "main.py, right after line 13",
        needs=("fastapi",),
    ),
    "Starlette": Case(
        {"main.py": STARLETTE + 'app = Starlette()\napp.mount("/", hello)\n'},
        "main.py, right after line 7 (`app = Starlette()`)",
    ),
    "Starlette with a catch-all route": Case(
        {"main.py": STARLETTE + 'app = Starlette(\n    routes=[Mount("/", hello)],\n)\n'},
        "main.py, right after line 9 (`app = Starlette(`)",
    ),
    "Flask": Case(
        {"main.py": FLASK + "app = Flask(__name__)\n" + RULES.format("app")},
        "main.py, right after line 8 (`app = Flask(__name__)`)",
        needs=("flask", "a2wsgi"),
    ),
    "Flask in a factory": Case(
        {
            "shop/__init__.py": FLASK
            + "def create_app():\n    web = Flask(__name__)\n    "
            + RULES.format("web").replace("\n", "\n    ")
            + "return web\n"
        },
        "to create_app in shop/__init__.py, right after line 9",
        "shop:create_app()",
        needs=("flask", "a2wsgi"),
    ),
    "Litestar": Case(
        {
            "main.py": "from litestar import Litestar, get\n\n\n"
            '@get(["/", "/{path:path}"])\nasync def hello() -> str:\n    return "hello"\n\n\n'
            "app = Litestar([hello])\n_same = app\n"
        },
        "main.py, right after line 9 (`app = Litestar([hello])`)",
        "main:_same",
        needs=("litestar",),
    ),
    "Quart": Case(
        {
            "main.py": "from quart import Quart\n\napp = Quart(__name__)\n_same = app\n\n\n"
            '@app.get("/")\n@app.get("/<path:path>")\nasync def hello(path=""):\n'
            '    return "hello"\n\n\n'
            'if __name__ == "__main__":\n    app.run()\n'
        },
        "main.py, right after line 3 (`app = Quart(__name__)`)",
        "main:_same",
        needs=("quart",),
    ),
    "a plain ASGI function": Case({"main.py": HELLO}, "to the end of main.py", "main:hello"),
    "a plain ASGI function that a main program runs": Case(
        {"main.py": HELLO + 'if __name__ == "__main__":\n    raise SystemExit(hello)\n'},
        "to main.py, before line 6",
        "main:hello",
    ),
    "a plain ASGI class": Case(
        {"main.py": HELLO + PLAIN_CLASS + "application = App()\n"},
        "to the end of main.py",
        "main:application",
    ),
    "the application's module as the front controller": Case(
        {
            "pyproject.toml": '[tool.jobgen]\n[tool.jobgen.paths]\nfront_controller = "main.py"\n',
            "main.py": STARLETTE + 'app = Starlette()\napp.mount("/", hello)\n',
        },
        "main.py, right after line 7 (`app = Starlette()`)",
    ),
}

PROGRAM = str(Path(__file__).with_name("ask_application.py"))
IMPORTS = ("asyncio", "httpx", "jobgen_runtime.dashboard")
"""What the program and all applications import, except for the frameworks."""


def pasted(text: str, step: str) -> str:
    """Return a file's text with the code of a step, where the step says."""
    instructions, _, code = step.partition("\n")
    lines = text.splitlines(keepends=True)
    after = re.search(r"right after line (\d+)", instructions)
    before = re.search(r"before line (\d+)", instructions)
    number = int(after[1]) if after else int(before[1]) - 1 if before else len(lines)
    return "".join((*lines[:number], code, "\n", *lines[number:]))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_pasted_code_mounts_the_dashboard_and_keeps_the_application(
    tmp_path: Path, case: Case
) -> None:
    for name in case.needs:
        pytest.importorskip(name)
    root = write_tree(tmp_path / "shop", case.files)
    plan = init.make_plan(root)
    assert plan.issues == ()
    apply_plan(root, plan)
    (step,) = (each for each in plan.next_steps if each.startswith("Mount the dashboard"))
    assert case.where in step
    file = root / next(name for name in case.files if f"{name}, " in step or f"{name}." in step)
    file.write_text(pasted(file.read_text(), step))

    done = forked.run(
        [sys.executable, PROGRAM, case.application],
        root,
        {**os.environ, "JOBS_USER": "jobs", "JOBS_PASSWORD": "secret"},
        timeout=120,
        imports=IMPORTS,
    )
    assert done.returncode == 0, done.stderr
    jobs, redirect, *others = json.loads(done.stdout)
    assert jobs == 401  # the dashboard asks for a password
    assert redirect in {307, 308, 401}
    assert others == [401, 200, 200, 200]
