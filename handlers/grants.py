"""With whom an environment is shared: how a subject and an end read, and the list with its buttons. Pure functions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.usecases.sharing import Share
from handlers.blocks import Block, Button, Confirm, actions, bullets, code, escape, person, section
from handlers.ids import COMMAND, ActionId
from handlers.wording import when
from store.grants import team_of
from store.tables import AccessGrant, Environment

_SHOWN: Final = 8  # grants that a status lists with a button each


def shared_with(row: Environment, shares: Sequence[Share], tz: str, *, removable: bool) -> list[Block]:
    """With whom an environment is shared, each with a button that takes it back for who may."""
    if not shares:
        return []
    shown, left = shares[:_SHOWN], len(shares) - _SHOWN
    more = [f"and {left} more"] if left > 0 else []
    text = section(f"*Shared with*\n{bullets([*(_line(one, tz) for one in shown), *more])}")
    removals = [removal(row.id, one.grant.subject, row.name, one.called) for one in shown]
    return [text, *(actions(removals) if removable else [])]


def _line(share: Share, tz: str) -> str:
    grant = share.grant
    said = f"{whom(grant.subject)}: {grant.access} {until(grant.expires_at, tz)}{_then(grant, tz)}"
    if share.in_force:
        return said
    seen, mended = code(f"{COMMAND} whoami"), code(f"{COMMAND} admin map")
    return (
        f"{said}. Not in force now: nothing proves who they are on the cluster. "
        f"They see with {seen} what is missing, and an admin mends it with {mended}"
    )


def _then(grant: AccessGrant, tz: str) -> str:
    return f", then view {until(grant.then_view_until, tz)}" if grant.then_view else ""


def removal(environment_id: str, subject: str, name: str, called: str) -> Button:
    """The button that takes a grant back, and asks first; `called` is whom it names, as plain text."""
    who = called or "whoever it was given to"
    sure = Confirm(
        "Remove access?",
        f"{name} is shared with {who} no more: at once in Slack, and on the cluster within seconds.",
        "Remove",
        "Keep",
    )
    spoken, value = f"Take back the access of {who} to {name}", f"{environment_id} {subject}"
    return Button(ActionId.ACCESS_UNSHARE, f"Remove {called or 'access'}", value, spoken=spoken, confirm=sure)


def whom(subject: str) -> str:
    """Whom a grant names, as mrkdwn."""
    team = team_of(subject)
    return f"team {escape(team)}" if team is not None else person(subject)


def until(instant: datetime | str | None, tz: str) -> str:
    """How long a grant lasts, as mrkdwn in the reader's zone."""
    return f"until {when(instant, tz)}" if instant else "until it is taken back"
