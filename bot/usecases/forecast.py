"""What limits would say of many wishes, granted one after the other: nothing is granted, and nobody waits for it.

An admin is shown by it what would become of a plan. Each wish that fits counts for those behind it, so that the room of
two is not promised to seven.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.rules.limits import CLAIMED, DURATIONS, Amounts, Asked, Excess, Limit, Scope, claim, exceeded, sentence
from bot.rules.words import Wanted
from bot.usecases.limits import Asking, InForce, Limits
from store.records import Records
from store.tables import Environment

_Purse = tuple[Scope, str]  # whose budget, and in which currency


@dataclass
class Forecast:
    """One plan's, in one transaction that only looks. Each scope is read once, however many wishes there are."""

    limits: Limits
    records: Records
    _in_force: dict[Scope, InForce] = field(default_factory=dict)
    _used: dict[Scope, dict[Limit, Decimal]] = field(default_factory=dict)
    _spent: dict[_Purse, Decimal] = field(default_factory=dict)

    def obstacle(self, asking: Asking) -> str:
        """Why a wish would not be granted, in words; empty where it would, and then it counts from here on."""
        environment, found = asking.environment, []
        for scope in asking.scopes:
            limits = self._limits(environment, scope, environment.owner_email)
            asked = self.limits.asked(self.records, asking, limits)
            found.append((scope, limits, asked))
        return self._granted(environment, found, asking.actor.id)

    def handing_over(self, environment: Environment, scopes: Sequence[tuple[Scope, str]], reader: str) -> str:
        """The same of giving an environment to whom it did not count for yet: scopes, and the e-mail of a person's."""
        held = claim(self.limits.catalogue.known_size(environment.size), awake=environment.wanted is Wanted.RUNNING)
        found = []
        for scope, email in scopes:
            limits = self._limits(environment, scope, email)
            found.append((scope, {limit: limits[limit] for limit in limits if limit in CLAIMED}, Asked(held, {})))
        return self._granted(environment, found, reader)

    def _granted(self, environment: Environment, found: Sequence[tuple[Scope, Amounts, Asked]], reader: str) -> str:
        excesses = [one for scope, limits, asked in found for one in self._exceeded(environment, scope, limits, asked)]
        if excesses:
            return "; ".join(sentence(one, reader) for one in excesses)
        for scope, limits, asked in found:
            if set(limits) - DURATIONS:
                self._count(environment, scope, asked)
        return ""

    def _exceeded(self, environment: Environment, scope: Scope, limits: Amounts, asked: Asked) -> tuple[Excess, ...]:
        if not set(limits) - DURATIONS:
            return exceeded(scope, limits, {}, asked)
        others = {
            limit: value - asked.had.get(limit, Decimal(0)) for limit, value in self._use(environment, scope).items()
        }
        if Limit.BUDGET in limits:
            others[Limit.BUDGET] = self._budgeted(environment, scope, asked.currency)
        return exceeded(scope, limits, others, asked)

    def _count(self, environment: Environment, scope: Scope, asked: Asked) -> None:
        used = self._use(environment, scope)
        for limit, value in asked.amounts.items():
            if limit in CLAIMED:
                used[limit] = used.get(limit, Decimal(0)) + max(value - asked.had.get(limit, Decimal(0)), Decimal(0))
        if Limit.BUDGET in asked.amounts:
            self._spent[scope, asked.currency] += asked.amounts[Limit.BUDGET]

    def _limits(self, environment: Environment, scope: Scope, email: str) -> Amounts:
        if scope not in self._in_force:
            self._in_force[scope] = self.limits.in_force(self.records, environment.workspace_id, scope, email)
        return self._in_force[scope].limits

    def _use(self, environment: Environment, scope: Scope) -> dict[Limit, Decimal]:
        if scope not in self._used:
            self._used[scope] = dict(self.limits.used(self.records, environment.workspace_id, scope))
        return self._used[scope]

    def _budgeted(self, environment: Environment, scope: Scope, currency: str) -> Decimal:
        if (scope, currency) not in self._spent:
            self._spent[scope, currency] = self.limits.spending.committed(self.records, environment, scope)
        return self._spent[scope, currency]
