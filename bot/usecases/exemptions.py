"""Exempting an environment from sleep, with a reason that everybody sees, and letting it sleep again.

Who may exempt is the company's to say (`sleep.never_sleep` in berth.yaml); letting sleep again only saves, so whoever
answers for the environment may do that whatever is said there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import Action
from bot.rules.words import Role, Wanted, command, named
from bot.usecases import intents
from bot.usecases.intents import Deed
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible, mentioned
from bot.usecases.sleep import answer_warning
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import Environment

LONGEST_REASON: Final = 200  # characters
_NAMED: Final = 3  # people that a refusal names


@dataclass(frozen=True)
class Exemptions:
    """The use cases. Those that change something return the environment and whether this call changed it."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def check(self, actor: Actor, environment_id: str) -> Environment:
        """The environment, for an actor who may exempt it. Raises Refusal, naming who may."""
        with self.store.read() as records:
            environment = intents.seen(records, actor, environment_id)
            self._authorise(records, actor, environment)
        return environment

    def exempt(self, actor: Actor, environment_id: str, reason: str, source: Source) -> tuple[Environment, bool]:
        """Let time never put an environment to sleep. Raises Refusal."""
        given = _reason(reason)
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.EXEMPT, environment_id)
            self._authorise(records, actor, environment)
            if environment.never_sleep_reason is not None:
                return environment, False
            now, before = self.clock.now(), intents.picture(environment)
            environment.never_sleep_reason, environment.never_sleep_by = given, actor.id
            outcome = {"kind": "exempt", "by": actor.id, "reason": given, "at": now.isoformat()}
            if environment.wanted is not Wanted.SLEEPING:  # what its warning says of a sleep is still so
                answer_warning(records, environment, now, outcome)
                environment.deadline_at = environment.deadline_rule = environment.warning_key = None
            environment.check_at = now
            intents.audit(records, environment, before, Deed("exempt", actor.id, source, now, reason=given))
        self.nudge()
        return environment, True

    def lift(self, actor: Actor, environment_id: str, source: Source) -> tuple[Environment, bool]:
        """Let an environment sleep again when nobody uses it. Raises Refusal."""
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.EXEMPT, environment_id)
            if environment.never_sleep_reason is None:
                return environment, False
            now, before = self.clock.now(), intents.picture(environment)
            environment.never_sleep_reason = environment.never_sleep_by = None
            environment.check_at = now
            _answer_exempted(records, environment, now, {"kind": "lifted", "by": actor.id, "at": now.isoformat()})
            intents.audit(records, environment, before, Deed("end exemption", actor.id, source, now))
        self.nudge()
        return environment, True

    def _authorise(self, records: Records, actor: Actor, environment: Environment) -> None:
        intents.authorise(actor, Action.EXEMPT, environment)
        allowed = self.catalogue.sleep.never_sleep
        if actor.role in allowed:
            return
        if not allowed:
            raise Refusal(
                "Here nobody may exempt an environment from sleep (sleep.never_sleep: nobody)",
                f"Keep it awake for some days with {command(f'extend {environment.name} 7d')}.",
            )
        rule = f"sleep.never_sleep: {next(role for role in Role if role in allowed)}"
        raise Refusal(
            f"You may not exempt {named(environment.name)} from sleep ({rule})",
            f"Ask {self._who_may(records, environment)} to do it, "
            f"or keep it awake with {command(f'extend {environment.name} 7d')}.",
        )

    def _who_may(self, records: Records, environment: Environment) -> str:
        answering = Responsible(self.catalogue, self.clock, records, environment.workspace_id)
        leads = answering.leads(environment.team) if Role.LEAD in self.catalogue.sleep.never_sleep else []
        return " or ".join([*map(mentioned, leads[:_NAMED]), "an admin"])


def _answer_exempted(records: Records, environment: Environment, now: datetime, outcome: dict[str, str]) -> None:
    """Let the messages that offer to end the exemption say that it has ended."""
    for notice in records.notices.of_environment(environment.id):
        if (notice.facts.get("outcome") or {}).get("kind") == "exempt":
            records.notices.change(notice.key, now, {"outcome": outcome})


def _reason(typed: str) -> str:
    given = " ".join(typed.split())
    if not given:
        raise Refusal("An exemption needs a reason", "Say in a few words why it must never sleep.")
    if len(given) > LONGEST_REASON:
        raise Refusal(
            f"The reason has {len(given)} characters, and {LONGEST_REASON} are shown at the most",
            "Say it shorter.",
        )
    return given
