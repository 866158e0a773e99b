from jobgen_runtime.dashboard import JobsDashboard
from jobgen_runtime.dashboard.wsgi import ViewAuth

from notes.jobs.count_words import CountWords

MyJobDashboard = JobsDashboard(
    auth=ViewAuth(),
    jobs=[CountWords],
)
