from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from Admin.FrontController import app as admin

app = Starlette(routes=[Route("/", RedirectResponse("/admin/")), Mount("/admin", app=admin)])
