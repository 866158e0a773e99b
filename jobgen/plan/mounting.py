"""How the dashboard becomes a part of a web application that is there already."""

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


def mount_dashboard(web: WebApplication | None, module: str, source: PurePosixPath) -> str:
    """What to add to the application that `web` is; `module`, below `source`, has the dashboard."""
    if web is None:
        folder = "" if source == PurePosixPath() else f"--app-dir {source} "
        return (
            "Show the jobs in a browser, at /jobs: pip install uvicorn, set JOBS_USER and"
            f" JOBS_PASSWORD, then run: uvicorn {folder}{module}:app"
        )
    if web.framework == "FastAPI":
        where, code = "behind the application", _FASTAPI
    elif web.framework == "Flask":
        where, code = "behind the application (with `pip install a2wsgi`)", _FLASK
    else:
        where, code = "at the end of asgi.py", _DJANGO
    if web.path is not None:
        where += f", in {web.path}" if web.framework != "Django" else f" ({web.path})"
    text = code.format(module=module, app=web.variable)
    return f"Mount the dashboard at /jobs. Add {where}:\n{text}"
