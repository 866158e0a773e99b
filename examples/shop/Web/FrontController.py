from jobgen_runtime.dashboard import BasicAuth, JobsDashboard
from starlette.applications import Starlette
from starlette.routing import Mount

from Web.Job.EmailCustomers import EmailCustomers

# Closed until the environment has both variables.
MyJobDashboard = JobsDashboard(
    auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"),
    jobs=[EmailCustomers],
)

app = Starlette(routes=[Mount("/jobs", app=MyJobDashboard)])
