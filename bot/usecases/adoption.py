"""Who comes, who comes back, how soon something runs, and what stands in people's way; noted as they go."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.rules import adoption
from bot.rules.actors import Actor
from bot.rules.adoption import WEEK, History, Spell, Weekly
from bot.rules.catalogue import Catalogue
from bot.rules.redaction import redacted
from bot.usecases.administering import authorise
from bot.usecases.directory import directory
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from store.adoption import REFUSED
from store.database import Store
from store.tables import AuditEvent

_WEEKS: Final = 8


@dataclass(frozen=True)
class Figures:
    """Eight weeks of adoption; `attempts` are what was asked, why it was refused, and how many people it stopped."""

    since: datetime
    weeks: Sequence[Weekly]
    spell: Spell
    teams: Mapping[str, Spell]
    attempts: Sequence[tuple[str, str, int]]


class Adoption:
    """The use cases."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock) -> None:
        self.store = store
        self.catalogue = catalogue
        self.clock = clock
        self._seen: set[tuple[str, str, datetime]] = set()  # noted by this process already

    def seen(self, actor: Actor) -> None:
        """Note that somebody is there: one write a person and week."""
        now = self.clock.now()
        visit = (actor.workspace_id, actor.id, adoption.week_of(now))
        if visit in self._seen:
            return
        with self.store.begin() as records:
            records.adoption.visited(actor.workspace_id, actor.id, now)
        self._seen = {one for one in self._seen if one[2] == visit[2]} | {visit}

    def refused(self, who: tuple[str, str], asked: tuple[str, str], reason: str, source: Source) -> None:
        """Note that somebody (workspace and id) was refused a command, of all they typed by its word alone, and why."""
        (workspace_id, person_id), (command, typed) = who, asked
        with self.store.begin() as records:
            records.audit.add(
                AuditEvent(
                    at=self.clock.now(),
                    workspace_id=workspace_id,
                    actor=person_id,
                    action=REFUSED,
                    after={"command": command},
                    reason=redacted(reason, typed),
                    **source.columns(),
                )
            )

    def figures(self, actor: Actor) -> Figures:
        """The last eight weeks. Raises Refusal for whoever is no admin."""
        authorise(actor, self)
        weeks = adoption.last_weeks(self.clock.now(), _WEEKS)
        since = weeks[0]
        history = self._history(actor.workspace_id, since)
        return Figures(
            since=since,
            weeks=adoption.weekly(history, weeks),
            spell=adoption.spell(history, since),
            teams=adoption.by_team(history, since),
            attempts=adoption.failed_first_attempts(history, since),
        )

    def _history(self, workspace_id: str, since: datetime) -> History:
        with self.store.read() as records:
            visits = records.adoption.visits(workspace_id)
            made = records.adoption.created(workspace_id)
            running = dict(records.adoption.first_running(workspace_id))
            refused = records.adoption.refused(workspace_id, since - WEEK)
            teams = dict(records.adoption.teams(workspace_id))
            known = directory(records, self.catalogue, self.clock, workspace_id)
            admins = frozenset(Responsible(self.catalogue, self.clock, records, workspace_id).admins())
        weeks: dict[str, set[datetime]] = defaultdict(set)
        first: dict[str, datetime] = {}
        created: dict[str, list[datetime]] = defaultdict(list)
        for person, week, at in visits:
            weeks[person].add(week)
            first[person] = min(first.get(person, at), at)
        for person, at in made:
            created[person].append(at)
        there = {person: frozenset(found) for person, found in weeks.items()}
        # What admins mistype while they try things out stands in nobody's way.
        others = [one for one in refused if one.person not in admins]
        return History(first, there, created, running, others, {one: known.team(one) for one in first} | teams)
