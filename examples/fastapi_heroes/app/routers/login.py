from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.security import OAuth2PasswordRequestForm

from app.database import SessionDep
from app.models import User
from app.security import TOKEN_LIFETIME, authenticate_user, create_access_token

router = APIRouter()

FORM = """\
<!doctype html><html lang="en"><title>Log in</title>
<form method="post">
  <label>User name <input name="username" required></label>
  <label>Password <input name="password" type="password" required></label>
  <button>Log in</button>
</form></html>
"""


def authenticated(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], session: SessionDep
) -> User:
    user = authenticate_user(session, form.username, form.password)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Incorrect username or password")
    return user


Authenticated = Annotated[User, Depends(authenticated)]


@router.post("/token")
def login_for_access_token(user: Authenticated) -> dict[str, str]:
    return {"access_token": create_access_token(user), "token_type": "bearer"}


@router.get("/login", response_class=HTMLResponse)
def show_login_form() -> str:
    return FORM


@router.post("/login")
def login_to_dashboard(user: Authenticated, request: Request) -> RedirectResponse:
    """Put the token into a cookie, which browsers send to the dashboard only."""
    jobs = f"{request.scope.get('root_path', '')}/jobs"
    response = RedirectResponse(f"{jobs}/", status.HTTP_303_SEE_OTHER)
    response.set_cookie(
        "access_token",
        create_access_token(user),
        max_age=int(TOKEN_LIFETIME.total_seconds()),
        path=jobs,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response
