from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, HTTPException, Request, Response
from jobgen_runtime.dashboard import Visitor

from app.database import SessionDep
from app.models import User
from app.security import find_user
from app.web import MyJobDashboard

router = APIRouter()


def get_admin(
    request: Request, session: SessionDep, access_token: Annotated[str, Cookie()] = ""
) -> User:
    user = find_user(session, access_token)
    if user is None:
        login = f"{request.scope.get('root_path', '')}/login"
        raise HTTPException(303, headers={"Location": login})
    if not user.is_admin:
        raise HTTPException(403, "Only administrators may see the jobs")
    return user


@router.api_route("/jobs/{path:path}", methods=["GET", "POST"], include_in_schema=False)
def show_jobs(path: str, admin: Annotated[User, Depends(get_admin)]) -> Response:
    return MyJobDashboard.for_visitor(Visitor(admin.username), path)
