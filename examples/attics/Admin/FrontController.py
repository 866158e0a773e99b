from jobgen_runtime.dashboard import BasicAuth, JobsDashboard, html, jobs_link
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from Admin.Dashboard.InitialScrape import DisplayedInitialScrape
from Admin.Job.InitialScrape import InitialScrape

# Closed until the environment has both variables.
AtticsJobDashboard = JobsDashboard(
    auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"),
    jobs=[DisplayedInitialScrape, InitialScrape],
)


async def start_page(request: Request) -> HTMLResponse:
    page = html(
        '<!DOCTYPE html><html lang="en"><title>Attics</title><h1>Attics</h1>'
        '<nav><a href="{}">Jobs</a></nav></html>',
        jobs_link(request),
    )
    return HTMLResponse(page)


app = Starlette(routes=[Route("/", start_page), Mount("/jobs", app=AtticsJobDashboard)])
