from jobgen_runtime.dashboard import JobsDashboard
from jobgen_runtime.django import StaffMember

from polls.jobs.mail_results import MailResults


MyJobDashboard = JobsDashboard(
    auth=StaffMember(),
    jobs=[MailResults],
)
