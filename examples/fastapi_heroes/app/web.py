from fastapi import HTTPException
from fastapi.concurrency import run_in_threadpool
from jobgen_runtime.dashboard import AuthenticationMethod, JobsDashboard, Visitor
from sqlmodel import Session
from starlette.requests import Request

from app.database import engine
from app.jobs.welcome_hero import WelcomeHero
from app.models import User
from app.security import COOKIE, find_user


class Login(AuthenticationMethod):
    """Let in administrators who have logged in at /login."""

    async def authenticate(self, request: Request) -> Visitor:
        user = await run_in_threadpool(user_of_token, request.cookies.get(COOKIE, ""))
        if user is None:
            login = f"{request.scope.get('app_root_path', '')}/login"
            raise HTTPException(303, headers={"Location": login})
        if not user.is_admin:
            raise HTTPException(403, "Only administrators may see the jobs.")
        return Visitor(user.username)


def user_of_token(token: str) -> User | None:
    with Session(engine) as session:
        return find_user(session, token)


MyJobDashboard = JobsDashboard(
    auth=Login(),
    jobs=[WelcomeHero],
)
