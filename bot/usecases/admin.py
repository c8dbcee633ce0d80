"""What admins do to all environments at once: stop and restart what time does."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.usecases import administering
from bot.usecases.intents import Deed
from bot.usecases.sleep import answer_warnings
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import Pause


@dataclass(frozen=True)
class Admin:
    """The use cases. All raise Refusal for whoever is no admin."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def pause(self, actor: Actor, reason: str, source: Source) -> str:
        """Stop all that time does, and answer the warnings that are out. What is so now, in words."""
        self.authorise(actor)
        now = self.clock.now()
        with self.store.begin() as records:
            before = records.pauses.reason(actor.workspace_id)
            records.pauses.begin(Pause(workspace_id=actor.workspace_id, by=actor.id, reason=reason, at=now))
            paused = records.pauses.reason(actor.workspace_id)
            warnings = records.environments.disarm(actor.workspace_id)
            answer_warnings(records, warnings, now, {"kind": "busy", "because": paused})
            _audit(records, actor, Deed("pause", actor.id, source, now, reason), (before, paused))
        self.nudge()
        return paused

    def resume(self, actor: Actor, source: Source) -> bool:
        """Let time go on; whatever was announced before is announced anew first. False where it was not stopped.

        Who is in their grace has all of it again.
        """
        self.authorise(actor)
        now = self.clock.now()
        with self.store.begin() as records:
            paused = records.pauses.reason(actor.workspace_id)
            if not paused:
                return False
            records.pauses.end(actor.workspace_id)
            delete_at = now + self.catalogue.ttl.grace
            void, in_grace = records.environments.announce_anew(actor.workspace_id, delete_at)
            records.notices.change_all(void, now, {"outcome": {"kind": "superseded"}})
            records.notices.change_all(in_grace, now, {"delete_at": delete_at.isoformat()})
            records.environments.judge_soon(actor.workspace_id, now)
            _audit(records, actor, Deed("resume", actor.id, source, now), (paused, ""))
        self.nudge()
        return True

    def authorise(self, actor: Actor) -> None:
        """Raises Refusal, naming who may, for whoever is no admin."""
        administering.authorise(actor, self.catalogue)


def _audit(records: Records, actor: Actor, deed: Deed, states: tuple[str, str]) -> None:
    before, after = ({"paused": state} if state else {} for state in states)
    administering.note(records, actor, deed, before, after)
