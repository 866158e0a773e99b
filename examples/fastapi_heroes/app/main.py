from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.initial_data import create_initial_data
from app.routers import heroes, login, users
from app.web import MyJobDashboard


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    create_initial_data()
    yield


app = FastAPI(lifespan=lifespan)
app.mount("/jobs", MyJobDashboard)
app.include_router(login.router)
app.include_router(users.router)
app.include_router(heroes.router)
