"""Protecting an environment: it neither sleeps nor is deleted, whoever or whatever asks, until an admin ends that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import Action
from bot.rules.words import Wanted, named
from bot.usecases import intents
from bot.usecases.administering import authorise, tell_owner
from bot.usecases.intents import Deed
from bot.usecases.policies import protection
from bot.usecases.refusal import Refusal
from bot.usecases.sleep import answer_warning
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import Environment

LONGEST_REASON: Final = 200  # characters


@dataclass(frozen=True)
class Protection:
    """The use cases. Each returns the environment and whether this call changed it; Refusal for who is no admin."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def protect(self, actor: Actor, environment_id: str, reason: str, source: Source) -> tuple[Environment, bool]:
        """Protect an environment, or give another reason for it. What was warned of does not come."""
        authorise(actor, self)
        now, given = self.clock.now(), _reason(reason)
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.VIEW, environment_id)
            if environment.wanted is Wanted.DELETED:
                raise Refusal(f"{named(environment.name)} is being deleted", "It is too late to protect it.")
            if (environment.protected_by, environment.protected_reason) == (actor.id, given):
                return environment, False
            before = intents.picture(environment)
            environment.protected_by, environment.protected_reason = actor.id, given
            self._call_off(records, environment)
            self._done(records, environment, before, Deed("protect", actor.id, source, now, given))
        self.nudge()
        return environment, True

    def unprotect(self, actor: Actor, environment_id: str, source: Source) -> tuple[Environment, bool]:
        """End the protection; whatever comes then is warned of like anything else."""
        authorise(actor, self)
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.VIEW, environment_id)
            if environment.protected_by is None:
                return environment, False
            before = intents.picture(environment)
            environment.protected_by = environment.protected_reason = None
            self._done(records, environment, before, Deed("unprotect", actor.id, source, now))
        self.nudge()
        return environment, True

    def _done(self, records: Records, environment: Environment, before: dict[str, Any], deed: Deed) -> None:
        environment.check_at = deed.now
        self._overtake(records, environment, deed)
        tell_owner(records, environment, deed)
        intents.audit(records, environment, before, deed)

    def _overtake(self, records: Records, environment: Environment, deed: Deed) -> None:
        """Let the message that told of a protection say that it is over."""
        over = {"by": deed.by, "at": deed.now.isoformat()}
        for told in records.notices.of_environment(environment.id):
            if told.kind == "deed" and told.facts.get("deed") == "protect" and "over" not in told.facts:
                records.notices.change(told.key, deed.now, {"over": over})

    def _call_off(self, records: Records, environment: Environment) -> None:
        """Answer the warnings that are out."""
        now, why = self.clock.now(), protection(environment)
        if environment.wanted is not Wanted.SLEEPING:  # what its warning says of a sleep is still so
            answer_warning(records, environment, now, {"kind": "busy", "because": why})
            environment.deadline_at = environment.deadline_rule = environment.warning_key = None
        records.notices.change(environment.expiry_key or "", now, {"outcome": {"kind": "protected", "because": why}})
        environment.expiry_key = environment.delete_at = None


def _reason(typed: str) -> str:
    given = " ".join(typed.split())
    if len(given) > LONGEST_REASON:
        raise Refusal(
            f"The reason has {len(given)} characters, and {LONGEST_REASON} are shown at the most", "Say it shorter."
        )
    return given
