from jobgen_runtime.dashboard import BasicAuth, JobsDashboard
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from Web.Job.EmailCustomers import EmailCustomers

# Closed until the environment has both variables.
MyJobDashboard = JobsDashboard(
    auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"),
    jobs=[EmailCustomers],
)

app = Starlette(
    routes=[
        Route("/", RedirectResponse("/jobs/")),
        Mount("/jobs", app=MyJobDashboard),
    ]
)
