"""Runs the migrations on the connection that was handed over, or on the one DATABASE_URL names."""

from typing import Any

import sqlalchemy as sa
from alembic import context

from portal import tables
from portal.core import db
from portal.core.db import Base
from portal.core.settings import Settings

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"  # a migration waits for nobody's long transaction


def run(connection: sa.Connection) -> None:
    """Upgrade or downgrade in the connection's own transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(LOCK_TIMEOUT)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="portal.core.db.",
    )
    with context.begin_transaction():
        context.run_migrations()


def given() -> Any:
    """The connection the caller wants it done on, if any."""
    return context.config.attributes.get("connection")


tables.load()
if given() is not None:
    run(given())
else:
    with db.use(Settings.from_environment().database_url).engine.begin() as own:
        run(own)
