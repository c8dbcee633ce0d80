"""Of a pause the other admins and each team's channel are told: one message each, which becomes the news of its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, takewhile
from typing import Final

from bot.rules.actors import Actor
from bot.usecases.addressees import of_all_admins
from bot.usecases.responsible import Responsible
from store.records import Records
from store.tables import Notice, Pause

_NIGHT: Final = timedelta(hours=12)  # by then whoever was not to be disturbed has had a morning


@dataclass(frozen=True)
class PauseNews:
    """Writes it in the transaction that makes it so."""

    records: Records
    responsible: Responsible

    def begun(self, pause: Pause, actor: Actor, now: datetime) -> None:
        """Say it; of a pause that was told already, let what was said follow."""
        facts = {"by": pause.by, "reason": pause.reason, "at": pause.at.isoformat()}
        known = self._keys(pause)
        self.records.notices.change_all(known, now, facts)
        for index, whom in enumerate([] if known else self._told(actor)):
            self.records.notices.say(
                Notice(
                    key=_key(pause, index),
                    workspace_id=pause.workspace_id,
                    kind="pause",
                    facts=facts,
                    recipients=whom,
                    created_at=pause.at,
                    due_at=pause.at,
                    can_wait_until=pause.at + _NIGHT,
                )
            )

    def ended(self, pause: Pause, by: str, now: datetime) -> None:
        """Let what was said of a pause say that it is over."""
        self.records.notices.change_all(self._keys(pause), now, {"ended_by": by, "ended_at": now.isoformat()})

    def _told(self, actor: Actor) -> list[list[str]]:
        channels = [[team.channel] for team in self.responsible.catalogue.teams if team.channel]
        found = [*of_all_admins(self.responsible, [actor.id, actor.email]), *channels]
        return [whom for index, whom in enumerate(found) if whom not in found[:index]]

    def _keys(self, pause: Pause) -> list[str]:
        keys = (_key(pause, index) for index in count())
        return list(takewhile(lambda key: self.records.notices.keyed(key) is not None, keys))


def _key(pause: Pause, index: int) -> str:
    return f"pause:{pause.workspace_id}:{pause.at.isoformat()}:{index}"
