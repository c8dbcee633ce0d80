"""What admins do to all environments at once: stop and restart what time does."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH, Phase, Wanted
from bot.usecases import administering, intents
from bot.usecases.intents import Deed
from bot.usecases.pause_news import PauseNews
from bot.usecases.responsible import Responsible
from bot.usecases.sleep import answer_warning, answer_warnings
from bot.usecases.source import TIME, Source
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
        """Stop all that time does, and answer the warnings that are out. What is so now, in words.

        Who pauses what is paused changes its reason, if they give one. The other admins and the teams are told.
        """
        self.authorise(actor)
        now = self.clock.now()
        with self.store.begin() as records:
            known = records.pauses.of(actor.workspace_id)
            before = _kept(known)
            if known is not None and not reason:
                return records.pauses.reason(actor.workspace_id)
            at = now if known is None else known.at
            pause = Pause(workspace_id=actor.workspace_id, by=actor.id, reason=reason, at=at)
            records.pauses.begin(pause)
            self._news(records, actor).begun(pause, actor, now)
            paused = records.pauses.reason(actor.workspace_id)
            warnings = records.environments.disarm(actor.workspace_id)
            answer_warnings(records, warnings, now, {"kind": "busy", "because": paused})
            self._keep_awake(records, actor.workspace_id, paused)
            administering.note(records, actor, Deed("pause", actor.id, source, now, reason), before, _kept(pause))
        self.nudge()
        return paused

    def _keep_awake(self, records: Records, workspace_id: str, paused: str) -> None:
        """Take back each sleep that time has ordered and nobody has begun; one that has begun is brought to its end."""
        now = self.clock.now()
        for environment_id in records.environments.about_to_sleep(workspace_id):
            environment = records.environments.lock(environment_id)
            if (
                environment is None
                or environment.wanted is not Wanted.SLEEPING
                or environment.phase is not Phase.RUNNING
            ):
                continue
            before = intents.picture(environment)
            answer_warning(records, environment, now, {"kind": "busy", "because": paused})
            intents.order(environment, intents.by_time(Wanted.RUNNING, paused), now)
            environment.check_at = now
            intents.audit(records, environment, before, Deed("wake", BERTH, TIME, now, reason=paused))

    def resume(self, actor: Actor, source: Source) -> bool:
        """Let time go on; whatever was announced before is announced anew first. False where it was not stopped.

        Who is in their grace has all of it again.
        """
        self.authorise(actor)
        now = self.clock.now()
        with self.store.begin() as records:
            pause = records.pauses.of(actor.workspace_id)
            if pause is None:
                return False
            self._news(records, actor).ended(pause, actor.id, now)
            records.pauses.end(actor.workspace_id)
            delete_at = now + self.catalogue.ttl.grace
            void, in_grace = records.environments.announce_anew(actor.workspace_id, delete_at)
            records.notices.change_all(void, now, {"outcome": {"kind": "superseded"}})
            records.notices.change_all(in_grace, now, {"delete_at": delete_at.isoformat()})
            records.environments.judge_soon(actor.workspace_id, now)
            records.environments.go_on_deleting(actor.workspace_id, now)
            administering.note(records, actor, Deed("resume", actor.id, source, now), _kept(pause), {})
        self.nudge()
        return True

    def _news(self, records: Records, actor: Actor) -> PauseNews:
        return PauseNews(records, Responsible(self.catalogue, self.clock, records, actor.workspace_id))

    def authorise(self, actor: Actor) -> None:
        """Raises Refusal, naming who may, for whoever is no admin."""
        administering.authorise(actor, self)


def _kept(pause: Pause | None) -> dict[str, str]:
    """What the audit log keeps of a pause."""
    return {"paused_by": pause.by, "paused_reason": pause.reason} if pause is not None else {}
