"""Tell how to mount the dashboard in an existing web application."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.project.existing import WebApplication

_FASTAPI = """\
from {module} import MyJobDashboard

{app}.mount("/jobs", MyJobDashboard)"""

_FLASK = """\
from a2wsgi import ASGIMiddleware
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from {module} import MyJobDashboard

{app}.wsgi_app = DispatcherMiddleware(
    {app}.wsgi_app, {{"/jobs": ASGIMiddleware(MyJobDashboard)}}
)"""

_DJANGO = """\
from starlette.applications import Starlette
from starlette.routing import Mount
from {module} import MyJobDashboard

{app} = Starlette(routes=[Mount("/jobs", app=MyJobDashboard), Mount("/", app={app})])"""

_CODE = {"FastAPI": _FASTAPI, "Flask": _FLASK, "Django": _DJANGO}
_FILES = {
    "FastAPI": "the module that creates the application",
    "Flask": "the module that creates the application",
    "Django": "asgi.py",
}
_NEEDS = {
    "FastAPI": "",
    "Flask": " (needs a2wsgi)",
    "Django": " (needs an ASGI server, such as uvicorn)",
}


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
    text = _CODE[web.framework].format(module=module, app=web.variable)
    file = str(web.path or _FILES[web.framework])
    return (
        f"Mount the dashboard at /jobs/. Add this to {file}, after `{web.variable}` is created"
        f"{_NEEDS[web.framework]}:\n{text}"
    )
