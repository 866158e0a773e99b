from fastapi import APIRouter, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from app.database import SessionDep
from app.models import User
from app.security import password_hash

router = APIRouter(prefix="/users")


class UserCreate(SQLModel):
    username: str
    password: str


@router.post("/", status_code=201)
def sign_up(user: UserCreate, session: SessionDep) -> dict[str, str]:
    hashed = password_hash.hash(user.password)
    session.add(User(username=user.username, hashed_password=hashed))
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "The name is taken") from None
    return {"username": user.username}
