import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import make_url
from sqlmodel import Session, SQLModel, create_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = create_engine(url)


def create_db_and_tables() -> None:
    SQLModel.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
