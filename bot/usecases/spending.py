"""What is spent of budgets in a month, and promised: by currency, since no sum is made of different ones.

Read in a transaction of whoever asks.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.costs import Span, awake_hour, cost_of, footprint_of
from bot.rules.limits import Scope, hourly, month_of, until_month_ends
from bot.rules.words import Wanted
from bot.usecases.wishes import Wish, WishKind
from store.limits import Claimant
from store.records import Records
from store.tables import Environment, UsageSpan


@dataclass(frozen=True)
class Spending:
    """What was spent, and what wishes may cost."""

    catalogue: Catalogue
    clock: Clock

    def spent(self, records: Records, workspace_id: str, scope: Scope) -> Mapping[str, Decimal]:
        """What a scope's environments have cost this month, by currency."""
        now = self.clock.now()
        begin, _ = month_of(now)
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row, cluster in records.limits.spans(workspace_id, scope.kind.value, scope.name, begin):
            prices = self.catalogue.prices_of(cluster)
            found[prices.currency] += cost_of([_span(row)], prices, begin, now).cost
        return found

    def committed(self, records: Records, environment: Environment, scope: Scope) -> Decimal:
        """What is spent in the cluster's currency, and what was asked for just now and is not metered yet."""
        workspace_id, prices = environment.workspace_id, self.catalogue.prices_of(environment.cluster)
        spent = self.spent(records, workspace_id, scope).get(prices.currency, Decimal(0))
        rows = records.limits.claimants(workspace_id, scope.kind.value, scope.name)
        awake = [row for row in rows if row.awake and row.id != environment.id]
        metered = {span.environment_id for span in records.usage.open_spans([row.id for row in awake])}
        promised = [self._promised(row) for row in awake if row.id not in metered]
        return spent + sum((cost for currency, cost in promised if currency == prices.currency), Decimal(0))

    def cost(self, records: Records, wish: Wish, environment: Environment) -> Decimal:
        """What the wish may cost until the month ends, at the rate of being awake; nothing for what makes no change."""
        prices = self.catalogue.prices_of(environment.cluster)
        size, now = self.catalogue.known_size(wish.size or environment.size), self.clock.now()
        rate = hourly(size, prices) if size is not None else Decimal(0)
        if wish.kind in (WishKind.EXTEND, WishKind.EXTEND_END):
            return self._cost_of_later_end(wish, environment, rate)
        if wish.kind is WishKind.RESIZE:
            had = self.catalogue.known_size(environment.size)
            more = rate - (hourly(had, prices) if had is not None else Decimal(0))
            rate = max(more, Decimal(0)) if environment.wanted is Wanted.RUNNING else Decimal(0)
        if wish.kind is WishKind.WAKE:
            if environment.wanted is Wanted.RUNNING:
                return Decimal(0)
            span = records.usage.open_span(environment.id)
            known = awake_hour(footprint_of(span), prices) if span is not None else Decimal(0)
            rate = known or rate
        return until_month_ends(rate, now, environment.expires_at)

    def _cost_of_later_end(self, wish: Wish, environment: Environment, rate: Decimal) -> Decimal:
        """What living on may cost of this month; what has no end yet, or sleeps, costs no more by it."""
        now, ends_at = self.clock.now(), environment.expires_at
        until = now + (wish.duration or timedelta())
        if ends_at is None or until <= ends_at or environment.wanted is not Wanted.RUNNING:
            return Decimal(0)
        return until_month_ends(rate, now, until) - until_month_ends(rate, now, ends_at)

    def _promised(self, row: Claimant) -> tuple[str, Decimal]:
        prices, size = self.catalogue.prices_of(row.cluster), self.catalogue.known_size(row.size)
        rate = hourly(size, prices) if size is not None else Decimal(0)
        return prices.currency, until_month_ends(rate, self.clock.now(), row.expires_at)


def _span(row: UsageSpan) -> Span:
    return Span(row.awake, row.started_at, row.ended_at, footprint_of(row))
