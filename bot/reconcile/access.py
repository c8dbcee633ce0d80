"""The pass over access: grants whose time is over end, and so do tokens that have to. It asks the store what is due."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.usecases.apart import apart
from bot.usecases.grants import end_timed, is_over
from bot.usecases.revocations import Revocations
from store.database import Store


@dataclass(frozen=True)
class AccessPass:
    """The pass."""

    store: Store
    clock: Clock
    revocations: Revocations

    def end_due(self) -> int:
        """End every grant whose time is over, and every token that has to end; how many grants those were."""
        with self.store.read() as records:
            due = [(grant.environment_id, grant.subject) for grant in records.grants.over(self.clock.now())]
        for environment_id, subject in due:
            with apart("a grant could not be ended", environment=environment_id, subject=subject):
                self._end(environment_id, subject)
        self.revocations.carry_out_due()
        return len(due)

    def _end(self, environment_id: str, subject: str) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            environment = records.environments.lock(environment_id)
            grant = records.grants.get(environment_id, subject)
            if environment is not None and grant is not None and is_over(grant, now):
                end_timed(records, environment, grant, now)
