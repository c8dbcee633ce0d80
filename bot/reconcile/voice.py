"""Who is told of an environment's fate, and whether they were."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.rules.catalogue import Catalogue, Team
from bot.usecases.responsible import Responsible
from store.records import Records
from store.tables import Environment, Notice


@dataclass(frozen=True)
class Saying:
    """One message to be: its purpose, its kind, what it must show, and how long it can wait while people are not to be
    disturbed."""

    key: str
    kind: str
    facts: dict[str, Any]
    patience: timedelta = timedelta()


@dataclass(frozen=True)
class Voice:
    """Speaks to an environment's people, through the outbox."""

    catalogue: Catalogue
    clock: Clock

    def say(self, records: Records, environment: Environment, saying: Saying) -> None:
        """Write a message to the owner, or where they cannot be reached to their team's channel, or to the admins."""
        self._write(records, environment, saying, self.recipients(records, environment))

    def copy(self, records: Records, environment: Environment, saying: Saying) -> None:
        """Write the same message to the team's channel, where the team wants to hear such, or others use it too.

        The deadline does not depend on it: it is the owner who must have been told.
        """
        team = self.team(environment)
        if team is not None and team.channel and (team.hears_warnings or _is_shared(records, environment)):
            self._write(records, environment, saying, [team.channel])

    def recipients(self, records: Records, environment: Environment) -> list[str]:
        """Who is told of an environment's fate, each where those before cannot be reached."""
        answering = Responsible(self.catalogue, self.clock, records, environment.workspace_id)
        if records.orphans.of(environment.id) is not None:
            return answering.in_turn(environment.team)
        return [environment.owner_id, *answering.after_leads(environment.team)]

    def team(self, environment: Environment) -> Team | None:
        """The team that the environment belongs to, if it is still configured."""
        return self.catalogue.team(environment.team) if environment.team else None

    def unheard(self, records: Records, environment: Environment, key: str | None) -> bool:
        """Whether a warning reached nobody. It is then said again: what kept it from people may be mended."""
        return key is not None and records.notices.say_again(
            key, self.recipients(records, environment), self.clock.now()
        )

    def _write(self, records: Records, environment: Environment, saying: Saying, recipients: list[str]) -> None:
        now, team = self.clock.now(), self.team(environment)
        records.notices.say(
            Notice(
                key=saying.key,
                workspace_id=environment.workspace_id,
                environment_id=environment.id,
                kind=saying.kind,
                facts=saying.facts | {"zone": team.time_zone if team is not None else "UTC"},
                recipients=recipients,
                created_at=now,
                can_wait_until=now + saying.patience if saying.patience else None,
                due_at=now,
            )
        )


def _is_shared(records: Records, environment: Environment) -> bool:
    """Whether others than the owner have access."""
    return bool(records.people.grants(environment.id))


def told_at(records: Records, key: str | None) -> datetime | None:
    """When a message was delivered; None while it was not."""
    return records.notices.told_at(key)
