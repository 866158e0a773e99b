from jobgen_runtime.dashboard import JobsDashboard, ViewAuth

from app.jobs.welcome_hero import WelcomeHero

MyJobDashboard = JobsDashboard(
    auth=ViewAuth(),
    jobs=[WelcomeHero],
)
