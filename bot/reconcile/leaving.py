"""When somebody leaves: what was shared with them ends at once, and their environments become orphans.

Slack's events say when to look; a look a day finds what no event told. Everything that follows from a look is settled
in one transaction with it, so that a kill leaves either all of it or none, and none is due again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.reconcile.lost_identities import LostIdentities
from bot.rules.catalogue import Catalogue
from bot.rules.leaving import left_team, left_workspace
from bot.rules.words import BERTH
from bot.seams.slack import Slack, SlackError
from bot.usecases import intents
from bot.usecases.apart import apart
from bot.usecases.identities import Identities, groups_end
from bot.usecases.intents import Deed
from bot.usecases.open_requests import OpenRequests, end_requests_of_person
from bot.usecases.orphans import news_of
from bot.usecases.people import RECHECK, presence, remembered
from bot.usecases.responsible import Responsible
from bot.usecases.revocations import Revocations
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import Environment, Notice, Orphan, Person

log = structlog.get_logger()

_AT_ONCE: Final = 25  # people in one pass, three passes a minute: Slack allows a hundred such questions in it
_REMIND_BEFORE: Final = timedelta(days=3)
_ASK_AGAIN: Final = timedelta(minutes=1)
_NOBODY: Final = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
_UNKNOWN: Final = "is no longer in this workspace"


@dataclass(frozen=True)
class Leaving:
    """The pass."""

    store: Store
    slack: Slack
    catalogue: Catalogue
    clock: Clock
    revocations: Revocations

    def look_at_due(self) -> int:
        """Ask Slack about everybody who is due, and settle what follows; how many those were."""
        with self.store.read() as records:
            due = records.people.to_check(self.clock.now(), _AT_ONCE)
        for person in due:
            with apart("what follows from somebody's leaving could not be settled", person=person.id):
                self._look(person)
        return len(due)

    def _look(self, person: Person) -> None:
        now = self.clock.now()
        try:
            fresh = remembered(self.slack.profile(person.id), person.workspace_id, now)
            gone = left_workspace(presence(fresh))
        except SlackError as error:
            if error.code not in _NOBODY:
                log.warning("slack does not say who somebody is", person=person.id, code=error.code)
                self._ask_later(person)
                return
            fresh, gone = person.model_copy(update={"is_deactivated": True, "fetched_at": now}), _UNKNOWN
        fresh.check_at = now + RECHECK
        with self.store.begin() as records:
            records.people.keep(fresh)
            self._settle(records, fresh, gone)

    def _ask_later(self, person: Person) -> None:
        with self.store.begin() as records:
            known = records.people.get(person.workspace_id, person.id)
            if known is not None:
                known.check_at = self.clock.now() + self.clock.lasting(_ASK_AGAIN)

    def _settle(self, records: Records, person: Person, gone: str) -> None:
        if gone:
            self.revocations.end_everything_of(records, person.workspace_id, person.id, gone)
            end_requests_of_person(records, self.clock, (person.workspace_id, person.id), gone)
        else:
            self._remind_of_login(records, person)
        OpenRequests(self.store, self.catalogue, self.clock).follow_person(records, person.workspace_id, person.id)
        lost_identities = LostIdentities(self.store, self.catalogue, self.clock, self.revocations)
        lost_identities.follow(records, person, gone=bool(gone))
        teams = Identities(self.store, self.catalogue, self.clock).teams_of(records, person)
        if not gone and teams is not None:
            self.revocations.name_anew_without(records, person.workspace_id, person.id, teams)
        lost: dict[tuple[str | None, str], list[Environment]] = defaultdict(list)
        for environment in records.environments.living(person.workspace_id, owner_id=person.id):
            because = gone or self._left_team(environment, teams)
            if because:
                lost[environment.team, because].append(environment)
            else:
                self._found_again(records, environment)
        for (_, because), environments in lost.items():
            self._orphan(records, person, because, environments)

    def _remind_of_login(self, records: Records, person: Person) -> None:
        """Ask whoever is somebody by groups of the company login to link it again, before these count no longer."""
        link = records.identities.link(person.workspace_id, person.id)
        end, now = groups_end(link, self.catalogue) if link is not None else None, self.clock.now()
        if link is None or end is None or not now < end <= now + _REMIND_BEFORE:
            return
        records.notices.say(
            Notice(
                key=f"login:{person.id}:{link.at.isoformat()}",
                workspace_id=person.workspace_id,
                kind="login_ends",
                facts={"ends_at": end.isoformat()},
                recipients=[person.id],
                created_at=now,
                due_at=now,
            )
        )

    def _left_team(self, environment: Environment, teams: Collection[str] | None) -> str:
        """Why its owner is of its team no more; nothing where it is not known which they are in."""
        configured = {team.name for team in self.catalogue.teams}
        return left_team(environment.team, teams, configured) if teams is not None else ""

    def _found_again(self, records: Records, environment: Environment) -> None:
        known = records.orphans.end(environment.id)
        if known is not None:
            now = self.clock.now()
            news_of(records, known, now, {"kind": "back"})
            before = intents.picture(environment)
            deed = Deed("find owner again", BERTH, TIME, now, whom=environment.owner_id)
            intents.audit(records, environment, before, deed)

    def _orphan(self, records: Records, person: Person, because: str, environments: Sequence[Environment]) -> None:
        now, after = self.clock.now(), self.catalogue.leaving.sleep_after
        key = f"left:{person.id}:{environments[0].team or ''}:{now.isoformat()}"
        fresh = [e for e in environments if records.orphans.add(_orphan_of(e, because, key, (now, now + after)))]
        if not fresh:
            return
        for environment in fresh:
            deed = Deed("lose owner", BERTH, TIME, now, f"its owner {because}", whom=person.id)
            intents.audit(records, environment, intents.picture(environment), deed)
        facts: dict[str, Any] = {
            "person_id": person.id,
            "person": person.name,
            "because": because,
            "stays": not left_workspace(presence(person)),
            "sleeps_at": (now + after).isoformat() if after else None,
            "environments": [{"id": environment.id, "name": environment.name} for environment in fresh],
            "became": {},
        }
        answering = Responsible(self.catalogue, self.clock, records, person.workspace_id)
        recipients = answering.in_turn(fresh[0].team, [person.id, person.email or fresh[0].owner_email])
        records.notices.say(
            Notice(
                key=key,
                workspace_id=person.workspace_id,
                kind="left",
                facts=facts,
                recipients=recipients,
                created_at=now,
                due_at=now,
            )
        )
        if facts["stays"]:
            self._tell_former_owner(records, person, key, facts)

    def _tell_former_owner(self, records: Records, person: Person, key: str, facts: Mapping[str, Any]) -> None:
        now = self.clock.now()
        records.notices.say(
            Notice(
                key=f"unowned:{key}",
                workspace_id=person.workspace_id,
                kind="unowned",
                facts={name: facts[name] for name in ("because", "sleeps_at", "environments")},
                recipients=[person.id],
                created_at=now,
                due_at=now,
            )
        )


def _orphan_of(environment: Environment, because: str, key: str, times: tuple[datetime, datetime]) -> Orphan:
    since, due_at = times
    return Orphan(
        environment_id=environment.id,
        workspace_id=environment.workspace_id,
        because=because,
        since=since,
        notice_key=key,
        due_at=due_at,
    )
