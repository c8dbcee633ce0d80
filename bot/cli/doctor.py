"""`berth doctor`: every precondition of the bot, asked of those who decide it, with how to mend what fails.

Reads and asks; changes nothing anywhere. What is wrong with the configuration does not keep the rest from being looked
at. No secret is ever part of what it prints.
"""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from bot.cli.check import Check
from bot.cli.doctor_cluster import cluster_checks
from bot.cli.doctor_login import login_checks
from bot.cli.doctor_slack import slack_checks
from bot.cli.saying import out
from bot.config import Catalogue, Survey, survey
from store.health import Unusable, pending


def examine() -> bool:
    """Make every check that can be made, print the table, and say whether none failed."""
    found = survey()
    checks = [
        *_configuration(found),
        *slack_checks(found),
        *login_checks(found),
        *cluster_checks(found),
        *_database(found),
    ]
    out.print(_table(checks))
    return all(check.passed for check in checks)


def _configuration(found: Survey) -> Iterator[Check]:
    for problem in found.problems:
        yield Check("Configuration", False, str(problem), "Mend it and ask again.")
    if not found.problems and found.catalogue is not None:
        yield Check("Configuration", True, _summary(found.catalogue))


def _database(found: Survey) -> Iterator[Check]:
    if "BERTH_DATABASE_URL" in found.wrong:
        return
    try:
        lacking = pending(found.settings.database_url.get_secret_value())
    except Unusable as error:
        yield Check("Database", False, str(error), "See that BERTH_DATABASE_URL is right and that it runs.")
        return
    behind = f"{len(lacking)} migration{'s' if len(lacking) > 1 else ''} behind, which `berth run` applies as it starts"
    yield Check("Database", True, behind if lacking else "up to date")


def _summary(catalogue: Catalogue) -> str:
    counts = {
        "clusters": catalogue.clusters,
        "sizes": catalogue.sizes,
        "templates": catalogue.templates,
        "teams": catalogue.teams,
        "admins": catalogue.admins,
    }
    return ", ".join(f"{name}: {len(entries)}" for name, entries in counts.items())


def _table(checks: list[Check]) -> Table:
    """Long texts go on in the next line: none is cut, however narrow the terminal is."""
    table = Table(show_lines=True)
    for heading in ("", "Check", "Result", "How to mend it"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        tell = check.note or not check.passed
        table.add_row(_mark(check), Text(check.what), Text(check.said), Text(check.mend if tell else ""))
    return table


def _mark(check: Check) -> Text:
    if check.note:
        return Text("!", style="bold yellow")
    return Text("✓", style="green") if check.passed else Text("✗", style="bold red")
