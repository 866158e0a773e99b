from collections.abc import Sequence

from fastapi import APIRouter, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.database import SessionDep
from app.generated.types import WelcomeHeroJob
from app.models import Hero, HeroCreate, HeroPublic
from app.security import CurrentUser

router = APIRouter(prefix="/heroes")


@router.get("/", response_model=list[HeroPublic])
def read_heroes(session: SessionDep) -> Sequence[Hero]:
    return session.exec(select(Hero).order_by(Hero.name).limit(100)).all()


@router.get("/{hero_id}", response_model=HeroPublic)
def read_hero(hero_id: int, session: SessionDep) -> Hero:
    hero = session.get(Hero, hero_id)
    if hero is None:
        raise HTTPException(404, "Hero not found")
    return hero


@router.post("/", response_model=HeroPublic, status_code=201)
def create_hero(hero: HeroCreate, session: SessionDep, _user: CurrentUser) -> Hero:
    (created,) = add_heroes(session, [hero])
    return created


@router.post("/team", response_model=list[HeroPublic], status_code=201)
def create_team(heroes: list[HeroCreate], session: SessionDep, _user: CurrentUser) -> list[Hero]:
    """Create all heroes of a team, or none."""
    return add_heroes(session, heroes)


def add_heroes(session: Session, heroes: list[HeroCreate]) -> list[Hero]:
    """Add heroes, and a job that welcomes each of them, in the session's transaction."""
    created = []
    try:
        for hero in heroes:
            db_hero = Hero.model_validate(hero)
            session.add(db_hero)
            session.flush()  # the hero gets its id
            assert db_hero.id is not None
            WelcomeHeroJob.create_sync(session, hero_id=db_hero.id)
            created.append(db_hero)
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "The team already has a hero of this name") from None
    for db_hero in created:
        session.refresh(db_hero)
    return created
