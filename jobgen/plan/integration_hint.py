"""Explain how to mount the dashboard in an existing web application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from jobgen.project.web_application import Framework, WebApplication


@dataclass(frozen=True, slots=True)
class _Code:
    """Lines of imports, and the statements after them; {app} is the web application."""

    imports: str
    statements: str


_DASHBOARD = _Code(
    "from jobgen_runtime.dashboard import BasicAuth, JobsDashboard",
    'MyJobDashboard = JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])',
)
_MOUNT = _Code("", '{app}.mount("/jobs", MyJobDashboard)')

# Another route matches every address, also /jobs before Starlette would redirect it to /jobs/.
_MOUNT_FIRST = _Code(
    """\
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route""",
    """\
{app}.router.routes[:0] = [
    Mount("/jobs", app=MyJobDashboard),
    Route("/jobs", RedirectResponse("jobs/")),
]""",
)
_WSGI = _Code(
    """\
from jobgen_runtime.dashboard.wsgi import WsgiDashboard
from werkzeug.middleware.dispatcher import DispatcherMiddleware""",
    """\
_mounts = {{"/jobs": WsgiDashboard(MyJobDashboard)}}
{app}.wsgi_app = DispatcherMiddleware({app}.wsgi_app, _mounts)""",
)

# The application keeps its lifespan: a router would answer these events itself.
_ASGI = _Code(
    "from starlette.routing import Mount, Router",
    """\
_without_jobs = {app}
_router = Router([Mount("/jobs", app=MyJobDashboard)], default=_without_jobs)


async def _with_jobs(scope, receive, send):
    await (_without_jobs if scope["type"] == "lifespan" else _router)(scope, receive, send)


{app} = _with_jobs""",
)

# `app` stays Quart's, which has `run`; or Litestar's, which is what `litestar run` looks for.
_QUART = _Code(_ASGI.imports, _ASGI.statements.replace("{app}", "{app}.asgi_app"))
_LITESTAR = _Code(
    "from starlette.routing import Mount, Router",
    """\
_jobs = [Mount("/jobs", app=MyJobDashboard)]
{app}.asgi_handler = Router(_jobs, default={app}.asgi_handler)""",
)
_CODE: dict[Framework, _Code] = {
    "FastAPI": _MOUNT,
    "Starlette": _MOUNT,
    "Litestar": _LITESTAR,
    "Quart": _QUART,
    "Flask": _WSGI,
    "ASGI": _ASGI,
}
_NEEDS: dict[Framework, str] = {
    "Flask": ' It needs the extra wsgi: `pip install "jobgen-runtime[wsgi]"`.',
}
_LOGIN_DOCS: dict[Framework, str] = {
    "FastAPI": "docs/fastapi.md",
    "Flask": "docs/flask.md",
}


def login_hint(web: WebApplication, front_controller: PurePosixPath) -> str:
    """Return how the users of a web application are let in instead of those with a password.

    Args:
        web: The existing web application.
        front_controller: The file that makes the dashboard.
    """
    document = _LOGIN_DOCS.get(web.framework, "docs/dashboard.md")
    return (
        "The dashboard is closed until the environment has JOBS_USER and JOBS_PASSWORD. To let in"
        f" those who log in to your application instead, change `auth` in {front_controller} as in"
        f" {document}."
    )


def integration_hint(web: WebApplication | None, module: str, source: PurePosixPath) -> str:
    """Return the code to add to a web application, or how to run the dashboard alone.

    Args:
        web: The existing web application; None if none was found.
        module: The module with the dashboard.
        source: The folder of the modules.
    """
    if web is None:
        folder = "" if source == PurePosixPath() else f"--app-dir {source} "
        return (
            "See the jobs in a browser at /jobs: pip install uvicorn, set JOBS_USER and"
            f" JOBS_PASSWORD, then run: uvicorn {folder}{module}:app"
        )
    return _mount(web, _Code(f"from {module} import MyJobDashboard", ""))


def served_by_dev(web: WebApplication | None, source: PurePosixPath) -> str | None:
    """Return the option by which `jobgen dev` serves the web application; None if it is unknown.

    Args:
        web: The existing web application; None if none was found.
        source: The folder of the modules.
    """
    if web is None or web.path is None:
        return None
    if web.factory and not web.has_plain_factory:
        return None
    if not web.factory and (web.indent or not web.variable.isidentifier()):
        return None
    path = web.path.relative_to(source) if web.path.is_relative_to(source) else web.path
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    name = web.factory or web.variable
    if web.framework == "Flask":
        target = f"command flask --app {module}:{name} run --port {{port}}"
    else:
        target = f"{module}:{name}()" if web.factory else f"{module}:{name}"
    return f'web = "{target}"'


def front_controller_hint(web: WebApplication | None, path: PurePosixPath, module: str) -> str:
    """Return the code to add to an existing front controller without a dashboard.

    Args:
        web: The existing web application; None if none was found.
        path: The front controller.
        module: The front controller's module.
    """
    if web is not None and web.path == path:
        return _mount(web, _DASHBOARD)
    text = f"{path} was not changed. For a dashboard, add this to it:\n{_text(_DASHBOARD)}"
    if web is None:
        return f"{text}\nThen mount MyJobDashboard at /jobs in your ASGI application."
    return f"{text}\n\n{integration_hint(web, module, PurePosixPath())}"


def _mount(web: WebApplication, dashboard: _Code) -> str:
    """Return the code that mounts a dashboard, and where it goes.

    Args:
        web: The web application.
        dashboard: The code that makes or imports `MyJobDashboard`.
    """
    code = _CODE[web.framework]
    if web.may_match_all and code is _MOUNT:
        code = _MOUNT_FIRST
    imports = [*code.imports.splitlines(), dashboard.imports]
    statements = "\n".join(filter(None, (dashboard.statements, code.statements)))
    whole = _Code("\n".join(imports), statements.format(app=web.variable))
    indented = "\n".join(f"{web.indent}{line}".rstrip() for line in _text(whole).splitlines())
    needs = _NEEDS.get(web.framework, "")
    return f"Mount the dashboard at /jobs/: add this {_place(web)}.{needs}\n{indented}"


def _text(code: _Code) -> str:
    return f"{code.imports}\n\n{code.statements}"


def _place(web: WebApplication) -> str:
    """Return where code goes so that the application exists and has no later routes."""
    if web.path is None:
        return f"to the module that creates `{web.variable}`, right after it is created"
    if web.framework == "ASGI" and not web.factory:
        if web.main_line:
            return f"to {web.path}, before line {web.main_line}"
        return f"to the end of {web.path}"
    if not web.statement:
        inside = f" in {web.factory}" if web.factory else ""
        return f"to {web.path}, right after `{web.variable}` is created{inside}"
    inside = f"{web.factory} in " if web.factory else ""
    return f"to {inside}{web.path}, right after line {web.line} (`{web.statement}`)"
