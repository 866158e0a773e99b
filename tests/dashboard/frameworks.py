"""The applications of docs/dashboard.md, "Mount it", on real servers and behind a proxy."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from jobgen_runtime.dashboard import BasicAuthStatic, JobsDashboard
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp

from tests.docs.snippets import FENCE
from tests.support.serving import running

DOCUMENT = Path(__file__).parents[2] / "docs/dashboard.md"
PUBLIC = "http://shop.example"
"""What browsers see of every application."""

DJANGO_SETTINGS = """\
import os
from psycopg.conninfo import conninfo_to_dict

SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["shop.example"]
ROOT_URLCONF = "shop.urls"
jobs = conninfo_to_dict(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "users.sqlite3"},
    "jobs": {"ENGINE": "django.db.backends.postgresql", "NAME": jobs["dbname"], "OPTIONS": jobs},
}
JOBGEN = {"DATABASE": "jobs"}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.messages", "django.contrib.sessions", "jobgen_runtime.django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
DJANGO_SERVER = """\
import os, socket, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
import django, uvicorn
django.setup()
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

call_command("migrate", verbosity=0)
User.objects.create_superuser("ada", password="secret")
User.objects.create_user("bob", password="secret", is_staff=True)
User.objects.create_user("eve", password="secret")

root, wsgi = os.environ["ROOT"], get_wsgi_application()

def prefixed(environ, start_response):
    return wsgi({**environ, "SCRIPT_NAME": root}, start_response)

# What runserver runs.
server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(prefixed)
threading.Thread(target=server.serve_forever, daemon=True).start()
listening = socket.create_server(("127.0.0.1", 0))
print(server.server_port, listening.getsockname()[1], flush=True)
config = uvicorn.Config(get_asgi_application(), root_path=root, log_level="warning", lifespan="off")
uvicorn.Server(config).run(sockets=[listening])
"""


@dataclass(frozen=True)
class User:
    name: str


async def current_user(request: Request) -> User:
    """Return the user of the session, as a dependency of FastAPI does."""
    if "user" not in request.session:
        raise HTTPException(303, headers={"Location": "/login"})
    return User(request.session["user"])


class Proxy(httpx.BaseTransport):
    """A proxy that strips a prefix and passes the Host header on.

    A link that leaves the prefix leads to another application: it gets 404 here.
    """

    def __init__(self, server: str, prefix: str, headers: Mapping[str, str]) -> None:
        self._server = httpx.URL(server)
        self._prefix = prefix.encode()
        self._headers = headers
        self._transport = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path
        if not path.startswith(self._prefix + b"/"):
            return httpx.Response(404, text="the proxy has no such application")
        url = self._server.copy_with(raw_path=path.removeprefix(self._prefix))
        headers = request.headers.copy()
        headers.update(self._headers)
        forwarded = httpx.Request(request.method, url, headers=headers, stream=request.stream)
        return self._transport.handle_request(forwarded)

    def close(self) -> None:
        self._transport.close()


@contextmanager
def browser(server: str, prefix: str = "", **headers: str) -> Iterator[httpx.Client]:
    """Yield a client that reaches a server by its public name, with an old browser's headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(
        transport=Proxy(server, prefix, named), base_url=PUBLIC, headers={"Origin": PUBLIC}
    ) as client:
        yield client


def snippet(name: str) -> str:
    """Return the block of the document that begins with a comment that names a file."""
    blocks = [match[3] for match in FENCE.finditer(DOCUMENT.read_text())]
    [text] = [block for block in blocks if block.startswith(f"# {name}\n")]
    return text


def executed(text: str) -> dict[str, Any]:
    """Execute a module of the document and return its names."""
    names: dict[str, Any] = {"__name__": "main"}
    exec(compile(text, "docs/dashboard.md", "exec"), names)  # noqa: S102 -- our own document
    return names


def main_of(framework: str) -> str:
    """Return the main.py of a framework in the document."""
    blocks = [match[3] for match in FENCE.finditer(DOCUMENT.read_text())]
    [text] = [text for text in blocks if text.startswith("# main.py\n") and framework in text]
    return text


@contextmanager
def asgi(app: ASGIApp, root_path: str = "") -> Iterator[str]:
    """Serve an application by uvicorn, which was told the prefix that the proxy strips."""
    config = uvicorn.Config(app, log_level="warning", lifespan="off", root_path=root_path)
    with running(uvicorn.Server(config)) as address:
        yield address


def starlette(prefix: str, **options: Any) -> Starlette:
    """Return an application with a dashboard that asks for a password."""
    dashboard = JobsDashboard(auth=BasicAuthStatic("ada", "secret"), **options)
    return Starlette(routes=[Mount(prefix or "/", dashboard)])


def fastapi() -> Any:
    """Return the document's application for FastAPI, with a page that logs in."""
    app = executed(main_of("FastAPI()"))["app"]
    app.add_middleware(SessionMiddleware, secret_key="of a test")

    def login(request: Request) -> PlainTextResponse:
        request.session["user"] = "ada"
        return PlainTextResponse("logged in")

    app.add_route("/login", login)
    return app


@contextmanager
def flask() -> Iterator[str]:
    """Serve the document's application for Flask behind a proxy, with a page that logs in."""
    from flask import session
    from werkzeug.middleware.proxy_fix import ProxyFix
    from werkzeug.serving import make_server

    names = executed(main_of("Flask("))
    app, jobs = names["app"], names["jobs"]
    app.secret_key = "of a test"

    def login() -> str:
        session.update(user="ada", is_admin=True)
        return "logged in"

    app.add_url_rule("/login", view_func=login)

    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
    server: Any = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        jobs.close()


@contextmanager
def django(folder: Path, root_path: str) -> Iterator[tuple[str, str]]:
    """Serve the document's project for Django by WSGI and by ASGI.

    It has a superuser, a member of the staff, and another user.
    """
    project = folder / "shop"
    project.mkdir()
    (project / "settings.py").write_text(DJANGO_SETTINGS)
    (project / "urls.py").write_text(snippet("shop/urls.py"))
    process = subprocess.Popen(
        [sys.executable, "-c", DJANGO_SERVER],
        cwd=folder,
        env={**os.environ, "ROOT": root_path},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ports = process.stdout.readline().split()
        assert len(ports) == 2
        yield (f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}")
    finally:
        process.terminate()
        process.communicate()
