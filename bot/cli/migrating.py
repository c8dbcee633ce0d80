"""`berth migrate`: needs the database and nothing else of the configuration."""

from bot.cli.saying import fail, out, refuse
from bot.config import ConfigError, read_database_url
from store.health import Unusable, migrate


def migrate_database() -> None:
    """Apply the migrations that the database lacks and name them."""
    try:
        applied = migrate(read_database_url())
    except ConfigError as error:
        refuse(error.problems)
    except Unusable as error:
        fail(f"Nothing was migrated: {error}.")
    for revision in applied:
        out.print(f"Applied {revision}", highlight=False)
    out.print("The database is up to date.")
