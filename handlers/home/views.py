"""How the App Home looks. A pure function of what the person has."""

from datetime import datetime

from bot.seams.slack import Message
from bot.usecases.overview import Summary
from handlers.admin.overview_views import headline
from handlers.blocks import Block, Button, actions, bullets, code, context, divider, header, home, section
from handlers.environments.views import Page, page_blocks, quick_actions, shared_blocks
from handlers.ids import COMMAND, ActionId
from handlers.wording import when


def of_person(page: Page, now: datetime, everything: Summary | None = None) -> Block:
    """The Home of somebody who may use Berth; `everything` is for admins."""
    refresh = Button(ActionId.HOME_SHOW, "Refresh", str(page.first), spoken="Refresh this page")
    blocks = [
        *actions([*quick_actions(), refresh]),
        *_more_on_home(page),
        *shared_blocks(page),
        context(f"As of {when(now, page.tz)}"),
    ]
    return home([*blocks, *([] if page.shown else _welcome()), *(_admin(everything) if everything else [])])


def _admin(summary: Summary) -> list[Block]:
    """What an admin sees below their own: everything in a sentence, and the way to the rest."""
    failing = summary.trouble.failing + summary.trouble.unheard + len(summary.trouble.sources)
    troubles = f" {failing:,} things fail." if failing > 1 else " One thing fails." if failing else ""
    overview = Button(ActionId.ADMIN_OVERVIEW, "Overview", spoken="Overview of all environments")
    audit = Button(ActionId.ADMIN_AUDIT, "Audit", spoken="Audit log of the last days")
    return [divider(), header("Admin"), section(f"{headline(summary)}{troubles}"), *actions([overview, audit])]


def of_refused(said: Message) -> Block:
    """The Home of somebody who may not use Berth, or for whom something broke."""
    return home([header("Berth"), *said.blocks])


def _more_on_home(page: Page) -> list[Block]:
    """The list, whose button More turns the page here rather than answering with a message."""
    blocks = page_blocks(page)
    if not page.left:
        return blocks
    more = Button(ActionId.HOME_SHOW, f"More ({page.left})", str(page.first + len(page.present)))
    return [*blocks[:-1], *actions([more])]


def _welcome() -> list[Block]:
    lines = [
        f"{code(f'{COMMAND} create blue')} makes a place of your own on the cluster, in seconds.",
        f"{code(f'{COMMAND} connect blue')} gives you a kubeconfig for it.",
        "Unused it falls asleep, after a warning, and costs almost nothing. One click wakes it as it was.",
    ]
    return [section(f"*How it works*\n{bullets(lines)}")]
