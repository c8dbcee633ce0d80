"""How a grant ends, whoever or whatever ends it: it is forgotten, audited and told in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules.words import BERTH, AccessLevel, command, named
from bot.usecases import intents
from bot.usecases.holders import change_access
from bot.usecases.intents import Deed
from bot.usecases.news import about
from bot.usecases.source import TIME, Source
from store.grants import team_of
from store.records import Records
from store.tables import AccessGrant, Environment, Notice


@dataclass(frozen=True)
class Ending:
    """Why a grant ends: `over` (its time), `removed` (by somebody), `left` (they left), `gone` (the environment)."""

    kind: str
    by: str
    source: Source
    now: datetime
    reason: str = ""


def over(now: datetime) -> Ending:
    """The time of a grant is over."""
    return Ending("over", BERTH, TIME, now, "its time was over")


def is_over(grant: AccessGrant, now: datetime) -> bool:
    """Whether its time is over."""
    return grant.expires_at is not None and grant.expires_at <= now


def end_timed(records: Records, environment: Environment, grant: AccessGrant, now: datetime) -> None:
    """End a grant whose time is over; a share to view that it stood before holds again, if that lasts longer."""
    left = grant.then_view_until
    if not grant.then_view or (left is not None and left <= now):
        end_grant(records, environment, grant, over(now))
        return
    before = describe(grant)
    change_access(environment, now)
    _update(records, environment, grant, over(now))
    grant.access, grant.expires_at, grant.notice_key = AccessLevel.VIEW, left, ""
    grant.then_view, grant.then_view_until = False, None
    deed = Deed("unshare", BERTH, TIME, now, "its time was over, and what was shared before holds again")
    intents.audit_change(records, environment, (before, describe(grant)), deed)
    who, name = subject_words(grant.subject), named(environment.name)
    why = "the time of that is over"
    texts = {environment.owner_id: f"{who} may no longer edit {name}: {why}. They may still view it."}
    if team_of(grant.subject) is None:
        texts[grant.subject] = f"You may no longer edit {name}: {why}. You may still view it."
    for reader, text in texts.items():
        key = f"unshared:{environment.id}:{environment.access_wanted}:{reader}"
        records.notices.say(_news(environment, key, text, reader, now))


def end_grant(records: Records, environment: Environment, grant: AccessGrant, ending: Ending) -> None:
    """Forget a grant, and tell both whom it was for and the owner; the bindings follow."""
    change_access(environment, ending.now)
    records.grants.take(grant)
    deed = Deed("unshare", ending.by, ending.source, ending.now, ending.reason)
    intents.audit_change(records, environment, (describe(grant), {}), deed)
    _update(records, environment, grant, ending)
    for reader, text in _told(environment, grant, ending).items():
        key = f"unshared:{environment.id}:{environment.access_wanted}:{reader}"
        records.notices.say(_news(environment, key, text, reader, ending.now))


def end_grants(records: Records, environment: Environment, now: datetime) -> None:
    """Forget everything that was granted in an environment that is gone; its messages say so."""
    for grant in records.grants.of_environment(environment.id):
        records.grants.take(grant)
        _update(records, environment, grant, Ending("gone", BERTH, TIME, now))


def describe(grant: AccessGrant | None) -> dict[str, Any]:
    """A grant as the audit log has it; nothing for none."""
    if grant is None:
        return {}
    until = grant.expires_at.isoformat() if grant.expires_at else None
    return {"subject": grant.subject, "access": grant.access.value, "until": until, "granted_by": grant.granted_by}


def subject_words(subject: str) -> str:
    """Whom a grant names, as a text that people read: a mention, or the team."""
    team = team_of(subject)
    return f"team {team}" if team is not None else f"<@{subject}>"


def _update(records: Records, environment: Environment, grant: AccessGrant, ending: Ending) -> None:
    outcome = {"kind": ending.kind, "by": ending.by, "at": ending.now.isoformat()}
    for notice in messages_of(grant, records.notices.of_environment(environment.id)):
        records.notices.change(notice.key, ending.now, {"outcome": outcome})


def messages_of(grant: AccessGrant, notices: Iterable[Notice]) -> list[Notice]:
    """The messages by which people were told of a grant, among those of its environment."""
    key = grant.notice_key
    theirs = [one for one in notices if one.key == key or one.key.startswith(f"{key}:")] if key else []
    return [one for one in theirs if one.kind in ("shared", "shared_by")]


def _told(environment: Environment, grant: AccessGrant, ending: Ending) -> dict[str, str]:
    """Who is told what: whoever ended it knows already, and whoever has left hears nothing."""
    who, name = subject_words(grant.subject), named(environment.name)
    why = {
        "over": "its time is over",
        "removed": f"<@{ending.by}> took it back",
        "left": f"{who} {ending.reason}",
    }.get(ending.kind, "it ended")
    whom = team_of(grant.subject) or "@colleague"
    again = (
        f" To share it again: {command(f'share {environment.name} {whom} {grant.access.value}')}."
        if ending.kind != "left"
        else ""
    )
    texts = {environment.owner_id: f"The access of {who} to {name} ({grant.access.value}) has ended: {why}.{again}"}
    if team_of(grant.subject) is None and ending.kind != "left":
        asking = f"Ask <@{environment.owner_id}> if you still need it."
        texts[grant.subject] = f"Your access to {name} ({grant.access.value}) has ended: {why}. {asking}"
    return {reader: text for reader, text in texts.items() if reader != ending.by}


def _news(environment: Environment, key: str, text: str, reader: str, now: datetime) -> Notice:
    return about(environment, key, "notice", {"text": text}, [reader], now)
