from datetime import datetime

from sqlmodel import Column, DateTime, Field, SQLModel


class HeroBase(SQLModel):
    name: str = Field(unique=True)
    age: int | None = Field(default=None, index=True)


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    secret_name: str
    welcomed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class HeroCreate(HeroBase):
    secret_name: str


class HeroPublic(HeroBase):
    id: int
    welcomed_at: datetime | None


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    hashed_password: str
    is_admin: bool = False
