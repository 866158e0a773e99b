"""Create the tables of the models, and the first user."""

import os

from sqlmodel import Session, select

from app.database import create_db_and_tables, engine
from app.models import User
from app.security import password_hash


def create_initial_data() -> None:
    create_db_and_tables()
    name = os.environ.get("FIRST_ADMIN", "")
    password = os.environ.get("FIRST_ADMIN_PASSWORD", "")
    with Session(engine) as session:
        if name and password and session.exec(select(User)).first() is None:
            hashed = password_hash.hash(password)
            session.add(User(username=name, hashed_password=hashed, is_admin=True))
            session.commit()


if __name__ == "__main__":
    create_initial_data()
