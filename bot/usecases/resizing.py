"""Changing the size of an environment. Reconcile makes its quota and limit range follow; one message tells how."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import Action
from bot.rules.words import Step, Wanted, command, named
from bot.usecases import intents
from bot.usecases.intents import Deed
from bot.usecases.limits import Asking, Limits
from bot.usecases.news import about
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from bot.usecases.wishes import Wish, WishKind
from store.database import Store
from store.records import Records
from store.tables import Environment, new_id


@dataclass(frozen=True)
class Resizing:
    """The use cases."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def check(self, actor: Actor, environment_id: str) -> Environment:
        """The environment, for an actor who may resize it. Raises Refusal."""
        return intents.checked(self.store, actor, Action.RESIZE, environment_id)

    def resize(self, actor: Actor, environment_id: str, size: str, source: Source) -> tuple[Environment, bool]:
        """Promise another size. Returns the environment and whether this call changed it. Raises Refusal."""
        names = tuple(one.name for one in self.catalogue.sizes)
        if size not in names:
            raise Refusal(f"There is no size “{size}”", f"Choose one of {', '.join(names)}.", choices=names)
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.RESIZE, environment_id)
            _refuse_unmade(environment)
            if environment.size == size:
                return environment, False
            wish = Wish(WishKind.RESIZE, environment.name, environment.id, size=size)
            Limits(self.catalogue, self.clock).check(records, Asking(actor, wish, environment, source.approval))
            before, was = intents.picture(environment), environment.size
            self._supersede(records, environment)
            environment.size_applied = environment.size_applied or was
            environment.size, environment.due_at, environment.attempts = size, now, 0
            environment.resize_key = f"resize:{environment.id}:{new_id()}"
            self._tell(records, environment, {"was": was, "by": actor.id})
            intents.audit(records, environment, before, Deed("resize", actor.id, source, now))
        self.nudge()
        return environment, True

    def _supersede(self, records: Records, environment: Environment) -> None:
        """A change that was on its way is overtaken by this one."""
        key, now = environment.resize_key or "", self.clock.now()
        notice = records.notices.keyed(key)
        if notice is not None and notice.facts.get("state") == "doing":
            records.notices.change(key, now, {"state": "overtaken", "problem": None})

    def _tell(self, records: Records, environment: Environment, more: dict[str, Any]) -> None:
        now = self.clock.now()
        facts = {
            "environment_id": environment.id,
            "name": environment.name,
            "size": environment.size,
            "asleep": environment.wanted is Wanted.SLEEPING,
            "state": "doing",
        }
        readers = [environment.owner_id, more["by"]]
        records.notices.say(about(environment, environment.resize_key or "", "resize", facts | more, readers, now))


def _refuse_unmade(environment: Environment) -> None:
    if environment.wanted is Wanted.DELETED:
        raise Refusal(f"{named(environment.name)} is being deleted", "Make a new one of the size that you need.")
    if Step.LIMITS not in environment.steps:
        raise Refusal(
            f"{named(environment.name)} is not made yet, so it has no size to change",
            f"See how far it is with {command(f'status {environment.name}')}.",
        )
