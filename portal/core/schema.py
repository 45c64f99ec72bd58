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
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(rls.MAKE_ROLE)
            connection.exec_driver_sql(rls.ADMIT)
        Base.metadata.create_all(connection)
        raise_walls(connection)


def raise_walls(connection: sa.Connection) -> None:
    """On PostgreSQL: wall in the Owned and Housed tables and let the application's role in."""
    if connection.dialect.name != "postgresql":
        return
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.local_table.name):  # type: ignore[attr-defined]
        for statement in rls.admit_app(mapper.class_):
            connection.exec_driver_sql(statement)
        if rls.is_walled(mapper.class_):
            for statement in rls.raise_wall(mapper.class_):
                connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {rls.APP_ROLE}")


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
