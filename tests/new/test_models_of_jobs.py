"""Generated models of jobs, used with the models of the application by SQLAlchemy and Django."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.new.projects import Run
from tests.support.tree import write_tree

SCHEMA = """\
CREATE TYPE color AS ENUM ('red', 'light green');
CREATE TABLE bands (id SERIAL PRIMARY KEY, name TEXT NOT NULL);
"""
SQLALCHEMY = """\
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Band(Base):
    __tablename__ = "bands"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
"""
DJANGO = """\
from django.db import models


class Band(models.Model):
    name = models.TextField()

    class Meta:
        db_table = "bands"
        managed = False


from Generated.Models import *  # noqa: E402, F403
"""
APPS = """\
from django.apps import AppConfig


class BandsConfig(AppConfig):
    name = "bands"
"""
SETTINGS = """\
SECRET_KEY = "of a test"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "bands"]
INSTALLED_APPS.append("django.contrib.postgres")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", **{options}}}}}
"""
COLUMNS = (
    *("band:references", "label:references=bands?", "parent:references=play_band_jobs?"),
    *("note:text?", 'data:jsonb={"a": [true, null]}', "color:color=light green", "tags:text[]"),
    *("price:numeric(10,2)", "code:varchar(8):unique", "day:date=today", "at:time"),
    *("span:int4range?", "class:int=1", "metadata:jsonb?", "on:bool=yes", "grid:int[][]?"),
)
USE_SQLALCHEMY = """\
import os
from datetime import time
from decimal import Decimal
import psycopg
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload
from Generated.Tables import PlayBandJobModel as Job
from models import Band, Base

connection = psycopg.connect(os.environ["DATABASE_URL"])
engine = create_engine("postgresql+psycopg://", creator=lambda: connection)
with Session(engine) as session:
    job = Job(band=Band(name="Opeth"), tags=["a"], price=Decimal("1.5"), code="x", at=time(1))
    session.add(job)
    session.flush()
    session.add(Job(band=job.band, parent_id=job.id, tags=[], price=1, code="y", at=time(2)))
    session.commit()
    print(job.status, job.data, job.class_, job.color, job.on, job.metadata_)
with Session(engine) as session:
    jobs = select(Job).join(Job.band).where(Band.name == "Opeth", Job.parent_id.is_(None))
    found = session.scalars(jobs.options(joinedload(Job.band))).one()
    print(found.code, found.band.name, found.label)
    session.delete(found.band)
    session.commit()
    print(session.scalars(select(Job)).all(), list(Base.metadata.tables))
engine.dispose()
connection.close()
"""
USE_DJANGO = """\
import django
django.setup()
from datetime import time
from django.core.management import call_command
from bands.models import Band, PlayBandJobModel

call_command("check")
call_command("makemigrations", "bands", verbosity=0)
call_command("makemigrations", check=True)
call_command("migrate", verbosity=0)
band = Band.objects.create(name="Opeth")
made = PlayBandJobModel.objects.create(band=band, tags=["a"], price="1.5", code="x", at=time(1))
job = band.play_band_jobs_by_band.select_related("band").get(status="job_status_not_started")
assert job == made and job.day == made.day
print(job.band.name, job.get_status_display(), job.data, job.class_field, job.color, job.on)
print(PlayBandJobModel.objects.filter(status__icontains="not", tags__contains=["a"]).count())
band.delete()
print(PlayBandJobModel.objects.count())
"""


@pytest.fixture
def project(tmp_path: Path, run: Run, database: str) -> Path:
    """A project with a job, and with models of both libraries for the table it refers to."""
    parts = conninfo_to_dict(database)
    names = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}
    options = {name: parts.get(part) or "" for name, part in names.items()}
    files = {"models.py": SQLALCHEMY, "bands/models.py": DJANGO, "bands/apps.py": APPS}
    files |= {"bands/__init__.py": "", "bands/migrations/__init__.py": ""}
    files |= {"mysite/settings.py": SETTINGS.format(options=options)}
    files |= {"pyproject.toml": "[tool.jobgen]\n", "Application/Schema.sql": SCHEMA}
    write_tree(
        tmp_path, {**files, "sqlalchemy_use.py": USE_SQLALCHEMY, "django_use.py": USE_DJANGO}
    )
    run(tmp_path, "jobgen", "job", "PlayBand", *COLUMNS)
    run(tmp_path, "jobgen", "migrate", "--yes", env={"DATABASE_URL": database})
    return tmp_path


def test_models_of_jobs_join_those_of_the_application(
    project: Path, run: Run, database: str
) -> None:
    run(project, "jobgen", "models", "sqlalchemy")
    steps = run(project, "jobgen", "models", "django").stdout
    assert "from Generated.Models import *" in steps
    for width in ("79", "120"):
        run(project, "ruff", "format", "--check", "--no-cache", "--line-length", width, "Generated")
    run(project, "ruff", "check", "--no-cache", "--select", "E4,E7,E9,F,I,UP,RUF", "Generated")

    env = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "mysite.settings"}
    shown = run(project, "python", "-W", "error", "sqlalchemy_use.py", env=env).stdout
    assert shown.splitlines() == [
        "job_status_not_started {'a': [True, None]} 1 light green True None",
        "x Opeth None",
        "[] ['bands']",
    ]
    shown = run(project, "python", "-W", "error", "django_use.py", env=env).stdout
    assert shown.splitlines()[1:] == [
        "No changes detected",
        "Opeth not started {'a': [True, None]} 1 light green True",
        "1",
        "0",
    ]
