from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.initial_data import create_initial_data
from app.routers import heroes, jobs, login, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    create_initial_data()
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(login.router)
app.include_router(users.router)
app.include_router(heroes.router)
app.include_router(jobs.router)
