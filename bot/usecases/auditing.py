"""Reading the audit log: who did what, when, from where, and what was so before and after; on pages, and as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.csv_cells import written
from bot.rules.durations import DurationError, parse_duration
from bot.rules.limits import ScopeKind
from bot.rules.names import slug
from bot.rules.words import command
from bot.seams.slack import SlackError
from bot.usecases.administering import authorise, note
from bot.usecases.colleagues import mentioned, only
from bot.usecases.intents import Deed
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from store.audit import Audited, AuditQuery
from store.database import Store
from store.records import Records
from store.tables import AuditEvent

PER_PAGE: Final = 10
MOST_EXPORTED: Final = 50_000
_USUAL: Final = timedelta(days=7)
_COLUMNS: Final = (
    *("at", "who", "action", "environment", "environment_id", "reason", "whom", "before", "after"),
    *("from", "channel", "message", "link", "request", "who_email", "whom_email"),
)

Upload = Callable[[str, str, str, str], None]
"""Sends a file to a user: their id, its name, its text, and a comment. Raises SlackError."""


@dataclass(frozen=True)
class Page:
    """Some events of a query, the newest first: from the `first` on, of `total`. `links` lead to Slack, or nowhere."""

    query: AuditQuery
    audited: Sequence[Audited]
    links: Sequence[str]
    first: int
    total: int


@dataclass(frozen=True)
class Auditing:
    """The use cases, for admins. `link` leads to a message of Slack's, or gives nothing."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    link: Callable[[str | None, str | None], str]
    upload: Upload

    def asked(self, actor: Actor, typed: str) -> AuditQuery:
        """The query that words mean: an environment's name, a colleague, how far back. Raises Refusal."""
        authorise(actor, self)
        now = self.clock.now()
        since: datetime | None = None
        person: str | None = None
        environments: tuple[str, ...] | None = None
        with self.store.read() as records:
            for one in typed.split():
                duration = _duration(one)
                if duration is not None:
                    since = now - duration
                    continue
                found = _named(records, actor.workspace_id, one)
                person, environments = (found, environments) if isinstance(found, str) else (person, found)
        if since is None and person is None and environments is None:
            since = now - _USUAL
        return AuditQuery(actor.workspace_id, now, since, person, environments, steps=environments is not None)

    def page(self, actor: Actor, query: AuditQuery, first: int = 0) -> Page:
        """Some events. Raises Refusal."""
        authorise(actor, self)
        _refuse_foreign(actor, query)
        with self.store.read() as records:
            total = records.audit.count(query)
            begin = first if 0 <= first < total else 0
            found = records.audit.page(query, begin, PER_PAGE)
        links = [self.link(one.event.source_channel, one.event.source_message) for one in found]
        return Page(query, found, links, begin, total)

    def export(self, actor: Actor, query: AuditQuery, source: Source) -> tuple[int, int]:
        """Send the events as a CSV file to the actor: how many it holds, and how many there are. Raises Refusal."""
        authorise(actor, self)
        _refuse_foreign(actor, query)
        with self.store.read() as records:
            total = records.audit.count(query)
            emails = {one.id: one.email or "" for one in records.people.everybody(actor.workspace_id)}
            rows = [self._row(one, emails) for one in records.audit.each(query, MOST_EXPORTED)]
        now = self.clock.now()
        name = f"berth-audit-{now:%Y-%m-%d-%H%M}.csv"
        with self.store.begin() as records:
            note(records, actor, Deed("audit export", actor.id, source, now), {}, {"rows": len(rows), "file": name})
        try:
            self.upload(actor.id, name, written([_COLUMNS, *rows]), f"{len(rows):,} events of Berth's audit log.")
        except SlackError as error:
            raise Refusal(
                f"Slack did not take the file ({error.code})",
                "See that the app has the scope files:write, and try again in a minute.",
            ) from error
        return len(rows), total

    def _row(self, one: Audited, emails: Mapping[str, str]) -> Sequence[str]:
        """An event as a line. Who reads it elsewhere knows nobody by Slack's ids, so e-mails stand beside them."""
        event = one.event
        link = self.link(event.source_channel, event.source_message)
        where = (event.source_kind, event.source_channel, event.source_message, link, event.source_request)
        when = event.at.astimezone(UTC).isoformat(timespec="seconds")
        what = (when, event.actor, event.action, one.name, event.environment_id, event.reason, whom(event))
        before, after = changes(event)
        states = (json.dumps(before, ensure_ascii=False), json.dumps(after, ensure_ascii=False))
        people = (emails.get(event.actor), emails.get(whom(event)))
        return [text or "" for text in (*what, *states, *where, *people)]


def whom(event: AuditEvent) -> str:
    """To whom it was done, if to somebody else: the id of a person, or a team or cluster."""
    scope, name = event.after.get("scope"), event.after.get("name")
    return event.person_id or (f"{scope} {name}" if scope and scope != ScopeKind.PERSON else "")


def changes(event: AuditEvent) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was different afterwards: before, and after. Of what is new, all of it."""
    keys = [key for key in {**event.before, **event.after} if event.before.get(key) != event.after.get(key)]
    return ({key: event.before.get(key) for key in keys}, {key: event.after.get(key) for key in keys})


def _duration(word: str) -> timedelta | None:
    try:
        return parse_duration(word)
    except DurationError:
        return None


def _named(records: Records, workspace_id: str, word: str) -> str | tuple[str, ...]:
    """The id of a person, or the ids of all environments that ever had the name, which goes first without an @.

    Raises Refusal.
    """
    environments = _environments(records, workspace_id, word) if word[0] not in "@<" else ()
    if environments:
        return environments
    person = mentioned(word)
    if person is not None:
        return person
    people = records.people.called(workspace_id, word.removeprefix("@"))
    person = only(word, [one.id for one in people])
    if person is None:
        raise Refusal(
            f"“{word}” is no environment, nobody I know and no length of time",
            f"Ask for one of them, or several: {command('admin audit blue @colleague 7d')}.",
        )
    return person


def _environments(records: Records, workspace_id: str, word: str) -> tuple[str, ...]:
    try:
        return tuple(records.environments.ever_named(workspace_id, slug(word)))
    except ValueError:
        return ()


def _refuse_foreign(actor: Actor, query: AuditQuery) -> None:
    if query.workspace_id != actor.workspace_id:
        raise Refusal("That is another workspace's", f"{command('admin audit')} shows yours.")
