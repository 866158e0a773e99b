from typing import Any

from jobgen_runtime import Job

from app.jobs.welcome_hero import WelcomeHero

workers: list[type[Job[Any]]] = [WelcomeHero]
