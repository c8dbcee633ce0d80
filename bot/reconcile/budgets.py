"""The pass that tells, once a month each, whose budget is nearly spent, and whose is.

Nothing that runs is ever stopped for a budget; what is refused then is refused where it is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.limits import Limit, Scope, ScopeKind, month_of, written
from bot.rules.words import capital, command
from bot.usecases.addressees import Recipients, of_admins, of_leads
from bot.usecases.limits import Limits
from bot.usecases.responsible import Responsible
from store.database import Store
from store.records import Records
from store.tables import Notice

_MARKS: Final = (100, 80)  # percent


@dataclass(frozen=True)
class Budgets:
    """The pass."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def warn_due(self) -> int:
        """Tell of every budget that has reached a mark; how many marks it looked at were reached."""
        with self.store.read() as records:
            workspaces = records.limits.workspaces()
            scopes = [(workspace, scope) for workspace in workspaces for scope in self._scopes(records, workspace)]
            reached = [notice for workspace, scope in scopes for notice in self._reached(records, workspace, scope)]
            news = [notice for notice in reached if records.notices.keyed(notice.key) is None]
        for notice in news:
            with self.store.begin() as records:
                records.notices.say(notice)
        return len(news)

    def _scopes(self, records: Records, workspace: str) -> Iterator[Scope]:
        teams = {team.name for team in self.catalogue.teams}
        yield from (Scope(ScopeKind.TEAM, name) for name in sorted(teams))
        yield from (Scope(ScopeKind.CLUSTER, cluster.name) for cluster in self.catalogue.clusters)
        yield from (Scope(ScopeKind.PERSON, owner) for owner in records.limits.owners(workspace))

    def _reached(self, records: Records, workspace: str, scope: Scope) -> Iterator[Notice]:
        limits = Limits(self.catalogue, self.clock)
        budget = limits.in_force(records, workspace, scope).limits.get(Limit.BUDGET)
        if not budget:
            return
        responsible = Responsible(self.catalogue, self.clock, records, workspace)
        for currency, spent in sorted(limits.spending.spent(records, workspace, scope).items()):
            mark = next((mark for mark in _MARKS if spent * 100 >= budget * mark), None)
            if mark is not None:
                yield from self._notices(responsible, scope, mark, (spent, budget, currency))

    def _notices(
        self, responsible: Responsible, scope: Scope, mark: int, money: tuple[Decimal, Decimal, str]
    ) -> Iterator[Notice]:
        now, (spent, budget, currency) = self.clock.now(), money
        workspace = responsible.workspace_id
        month = f"{month_of(now)[0]:%Y-%m}"
        shown = written(Limit.BUDGET, spent), written(Limit.BUDGET, budget, currency)
        for index, recipients in enumerate(_recipients(responsible, scope)):
            yield Notice(
                key=f"budget:{workspace}:{scope.kind}:{scope.name}:{month}:{currency}:{budget}:{mark}:{index}",
                workspace_id=workspace,
                kind="notice",
                facts={"text": _text(scope, mark, *shown)},
                recipients=recipients,
                created_at=now,
                due_at=now,
            )


def _recipients(responsible: Responsible, scope: Scope) -> Recipients:
    match scope.kind:
        case ScopeKind.PERSON:
            return [[scope.name]]
        case ScopeKind.TEAM:
            return of_leads(responsible, scope.name)
        case ScopeKind.CLUSTER:
            return of_admins(responsible)


def _text(scope: Scope, mark: int, spent: str, budget: str) -> str:
    whose = "You have" if scope.kind is ScopeKind.PERSON else f"{capital(scope.shown)} has"
    said = f"{whose} spent {spent} of {budget} this month"
    if mark < 100:
        return f"{said}. At 100 % nothing new is made or woken until the month ends; put to sleep what nobody needs."
    return (
        f"{said}: the budget is spent. What runs goes on, but nothing is made or woken until the month ends, unless "
        f"more is asked for and approved. {command('cost')} shows what it was spent on."
    )
