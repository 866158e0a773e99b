from datetime import UTC, datetime

from jobgen_runtime import Job
from sqlmodel import Session

from app.database import engine
from app.generated.types import WelcomeHeroJob
from app.models import Hero


class WelcomeHero(Job[WelcomeHeroJob]):
    def perform(self, job: WelcomeHeroJob) -> None:
        with Session(engine) as session:
            hero = session.get_one(Hero, job.hero_id)
            print(f"Welcome, {hero.name}!")
            hero.welcomed_at = datetime.now(UTC)
            session.commit()
