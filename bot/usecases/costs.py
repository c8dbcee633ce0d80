"""What environments cost and what sleep saved, for one, for a person, for a team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue, Prices
from bot.rules.costs import Cost, Span, cost_of, footprint_of, summed
from bot.rules.words import Phase
from bot.usecases import intents
from store.database import Store
from store.records import Records
from store.tables import Environment, UsageSpan

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class CostLine:
    """One environment's part."""

    name: str
    owner_id: str
    phase: Phase
    awake: timedelta
    asleep: timedelta
    cost: Decimal
    saved: Decimal
    currency: str = "USD"


@dataclass(frozen=True)
class CostReport:
    """Costs between two instants, by environment. `prices` are those of the clusters concerned, by name."""

    since: datetime
    until: datetime
    lines: Sequence[CostLine]
    prices: Mapping[str, Prices]

    @property
    def totals(self) -> Mapping[str, Decimal]:
        """What all of it cost, by currency."""
        return summed((line.currency, line.cost) for line in self.lines)

    @property
    def saved_totals(self) -> Mapping[str, Decimal]:
        """What sleep saved, by currency."""
        return summed((line.currency, line.saved) for line in self.lines)


@dataclass(frozen=True)
class Costs:
    """The use cases. Reports cover the last seven days unless said otherwise."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def environment(self, actor: Actor, environment_id: str) -> CostReport:
        """One environment's week. Raises Refusal."""
        now = self.clock.now()
        with self.store.read() as records:
            environment = intents.seen(records, actor, environment_id)
            return self._report(records, [environment], now - _WEEK, now)

    def mine(self, actor: Actor) -> CostReport:
        """The week of all the actor's environments, deleted ones included."""
        now = self.clock.now()
        with self.store.read() as records:
            theirs = records.environments.lived_since(now - _WEEK, workspace_id=actor.workspace_id, owner_id=actor.id)
            return self._report(records, theirs, now - _WEEK, now)

    def team(self, name: str, since: datetime, until: datetime) -> CostReport:
        """A team's costs between two instants, deleted environments included."""
        with self.store.read() as records:
            return self._report(records, records.environments.lived_since(since, team=name), since, until)

    def _report(
        self, records: Records, environments: Sequence[Environment], since: datetime, until: datetime
    ) -> CostReport:
        spans: dict[str, list[Span]] = {environment.id: [] for environment in environments}
        for row in records.usage.between(list(spans), since, until):
            spans[row.environment_id].append(_span(row))
        lines = [self._line(e, spans[e.id], since, until) for e in environments]
        lines.sort(key=lambda line: (-line.cost, line.name))
        default = self.catalogue.cluster()
        prices = {e.cluster: self.catalogue.prices_of(e.cluster) for e in environments} or {
            default.name: default.prices
        }
        return CostReport(since, until, lines, prices)

    def _line(self, environment: Environment, spans: Sequence[Span], since: datetime, until: datetime) -> CostLine:
        prices = self.catalogue.prices_of(environment.cluster)
        return _line(environment, cost_of(spans, prices, since, until), prices.currency)


def _span(row: UsageSpan) -> Span:
    return Span(row.awake, row.started_at, row.ended_at, footprint_of(row))


def _line(environment: Environment, cost: Cost, currency: str) -> CostLine:
    return CostLine(
        environment.name,
        environment.owner_id,
        environment.phase,
        cost.awake,
        cost.asleep,
        cost.cost,
        cost.saved,
        currency,
    )
