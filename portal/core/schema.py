"""The schema as a whole: made at once for tests, brought up by migrations for everybody else."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from portal.core import db, rls
from portal.core.db import Base
from portal.core.settings import Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create(engine: sa.Engine) -> None:
    """Make every table of the metadata, walls included, in an empty database."""
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        rls.raise_walls(connection, walls())


def walls() -> list[rls.Wall]:
    """The wall of every table there is, by name."""
    return sorted(
        (rls.wall_of(mapper.class_) for mapper in Base.registry.mappers), key=lambda wall: wall.table
    )


def upgrade(settings: Settings) -> None:
    """Bring the database of these settings to the newest migration."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = db.use(settings.database_url)
    with database.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic told where the migrations are and on which connection to run them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
