"""Limits in force, how much of them is used, and whether a wish fits: asked in the transaction that grants the wish."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.approvals import Approvers, needed
from bot.rules.catalogue import Catalogue, Size
from bot.rules.limits import (
    DURATIONS,
    Amounts,
    Asked,
    Excess,
    Limit,
    Scope,
    ScopeKind,
    claim,
    exceeded,
    sentence,
    total,
)
from bot.rules.words import RequestState, Role, Wanted, capital, command
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.spending import Spending
from bot.usecases.wishes import OverLimit, Wish, WishKind
from store.records import Records
from store.tables import Environment, LimitRequest


@dataclass(frozen=True)
class Asking:
    """A wish on its way to be granted: by whom, of which environment (as it is, or as it would be made).

    `request_id` is the approved request that it is carried out for.
    """

    actor: Actor
    wish: Wish
    environment: Environment
    request_id: str | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Whose limits it has to fit in: the owner's, the team's and the cluster's."""
        return scopes_of(self.environment)


@dataclass(frozen=True)
class InForce:
    """A scope's limits: what holds, and what of it was raised and until when."""

    scope: Scope
    limits: Amounts
    raised: Mapping[Limit, datetime] = field(default_factory=dict)
    set_by: Mapping[Limit, str] = field(default_factory=dict)
    usual: Amounts = field(default_factory=dict)
    """What holds without what is raised."""


@dataclass(frozen=True)
class Limits:
    """What holds and what is used, read in a transaction of whoever asks."""

    catalogue: Catalogue
    clock: Clock

    @property
    def spending(self) -> Spending:
        """What is spent of budgets."""
        return Spending(self.catalogue, self.clock)

    def check(self, records: Records, asking: Asking) -> None:
        """Let the wish pass, or raise OverLimit. Holds the locks of its scopes until the transaction ends.

        For an approved request, as much as was shown to whoever approved it is in the way no longer, and the request is
        done with this transaction. Raises Refusal where it was carried out, or taken back, already.
        """
        found = self.excesses(records, asking)
        request = self._approved(records, asking)
        left = [one for one in found if request is None or not _granted(request, one)]
        if left:
            raise self.refusal(records, asking, left)
        if request is not None:
            request.state = RequestState.DONE  # still due: whoever settles it next tells so

    def excesses(self, records: Records, asking: Asking) -> list[Excess]:
        """Everything that the wish would exceed; nobody else is granted one of its scopes until the transaction ends.

        Only what is limited is locked, so that a company without limits waits for nothing.
        """
        environment = asking.environment
        in_force = [self._in_force_of(records, environment, scope) for scope in asking.scopes]
        limited = [one.scope for one in in_force if set(one.limits) - DURATIONS]
        records.limits.lock(environment.workspace_id, [(one.kind.value, one.name) for one in limited])
        found = self._beyond_rollout(asking, in_force[0])
        return [*found, *(excess for one in in_force for excess in self._of_scope(records, asking, one))]

    def refusal(self, records: Records, asking: Asking, excesses: Sequence[Excess]) -> OverLimit:
        """What the asker is told, and whether they can ask for more."""
        reader = asking.actor.id
        told = [capital(sentence(one, reader)) for one in excesses]
        can_ask = bool(self.approvers(records, asking.actor, asking.environment, needed(excesses))[1])
        if excesses[0].limit is Limit.ROLLOUT:
            told[0] = f"Berth is being rolled out team by team, now to {', '.join(self.catalogue.rollout or ())}"
            hint = "Ask to have it now; an admin decides." if can_ask else "Wait until it is your team's turn."
        else:
            what = "Ask for more, or make room" if can_ask else "Make room; nobody else is there who could allow more"
            hint = f"{what}: {command('limits')} shows what is used."
            if self._is_going(records, asking, excesses):
                hint += " What is being deleted counts until it is gone."
        return OverLimit(told, hint, asking.wish, excesses, can_ask=can_ask)

    def _is_going(self, records: Records, asking: Asking, excesses: Sequence[Excess]) -> bool:
        """Whether something that is being deleted takes of what there is too little of."""
        workspace_id, scopes = asking.environment.workspace_id, {one.scope for one in excesses}
        held = (records.limits.claimants(workspace_id, one.kind.value, one.name) for one in scopes)
        return any(row.going for rows in held for row in rows)

    def approvers(
        self, records: Records, actor: Actor, environment: Environment, least: Approvers
    ) -> tuple[Approvers, list[str]]:
        """Who decides about such a wish: leads, or where none is left admins; perhaps nobody."""
        responsible = Responsible(self.catalogue, self.clock, records, environment.workspace_id)
        theirs = (actor.id, actor.email, environment.owner_id, environment.owner_email)
        leads = responsible.leads(environment.team, theirs) if least is Approvers.LEADS else []
        return (Approvers.LEADS, leads) if leads else (Approvers.ADMINS, responsible.admins(theirs))

    def in_force(self, records: Records, workspace_id: str, scope: Scope, email: str = "") -> InForce:
        """What holds for a scope: berth.yaml, then what admins set, then what was raised for a while."""
        limits = self._configured(scope, email or _email(records, workspace_id, scope))
        set_by: dict[Limit, str] = {}
        for setting in records.limits.settings(workspace_id, scope.kind.value, scope.name):
            if (limit := _known(setting.limit)) is None:
                continue
            set_by[limit] = setting.set_by
            limits.pop(limit, None)
            limits |= {} if setting.value is None else {limit: Decimal(setting.value)}
        usual, raised = dict(limits), dict[Limit, datetime]()
        for one in records.limits.raises(workspace_id, scope.kind.value, scope.name, self.clock.now()):
            limit = _known(one.limit)
            if limit is not None and (
                limit is Limit.ROLLOUT or limits.get(limit, Decimal("Infinity")) < Decimal(one.value)
            ):
                limits[limit], raised[limit] = Decimal(one.value), one.until
        return InForce(scope, limits, raised, set_by, usual)

    def used(self, records: Records, workspace_id: str, scope: Scope, *, but: str = "") -> Amounts:
        """What of a scope is in use, or promised; without the environment of the id `but`."""
        rows = records.limits.claimants(workspace_id, scope.kind.value, scope.name)
        return total(claim(self.catalogue.known_size(row.size), awake=row.awake) for row in rows if row.id != but)

    def longest(self, records: Records, environment: Environment, limit: Limit) -> timedelta | None:
        """The shortest of what its owner, team and cluster allow; None where nothing is limited."""
        allowed = [
            found
            for scope in scopes_of(environment)
            if (found := self._in_force_of(records, environment, scope).limits.get(limit)) is not None
        ]
        return timedelta(seconds=float(min(allowed))) if allowed else None

    def _in_force_of(self, records: Records, environment: Environment, scope: Scope) -> InForce:
        return self.in_force(records, environment.workspace_id, scope, environment.owner_email)

    def _of_scope(self, records: Records, asking: Asking, in_force: InForce) -> tuple[Excess, ...]:
        environment, scope, limits = asking.environment, in_force.scope, in_force.limits
        if not limits:
            return ()
        asked = self.asked(records, asking, limits)
        if not set(limits) - DURATIONS:
            return exceeded(scope, limits, {}, asked)
        used: Amounts = self.used(records, environment.workspace_id, scope, but=environment.id)
        if Limit.BUDGET in limits:
            used = {**used, Limit.BUDGET: self.spending.committed(records, environment, scope)}
        return exceeded(scope, limits, used, asked)

    def asked(self, records: Records, asking: Asking, limits: Amounts) -> Asked:
        """What a wish asks for of such limits, and what its environment has already."""
        amounts = _asked(asking, self.catalogue.known_size(asking.wish.size or asking.environment.size))
        if Limit.BUDGET in limits:
            amounts[Limit.BUDGET] = self.spending.cost(records, asking.wish, asking.environment)
        return Asked(amounts, self._had(asking), self.catalogue.prices_of(asking.environment.cluster).currency)

    def _had(self, asking: Asking) -> Amounts:
        if asking.wish.kind is WishKind.CREATE:
            return {}
        return claim(
            self.catalogue.known_size(asking.environment.size), awake=asking.environment.wanted is Wanted.RUNNING
        )

    def _configured(self, scope: Scope, email: str) -> dict[Limit, Decimal]:
        policy = self.catalogue.limits
        given: Iterable[Mapping[str, Decimal]]
        match scope.kind:
            case ScopeKind.PERSON:
                given = ({**_seconds(self.catalogue)}, policy.person, policy.people.get(email.lower(), {}))
            case ScopeKind.TEAM:
                given = (policy.team, policy.teams.get(scope.name, {}))
            case ScopeKind.CLUSTER:
                given = (policy.cluster, policy.clusters.get(scope.name, {}))
        return {Limit(name): value for amounts in given for name, value in amounts.items()}

    def outside_rollout(self, records: Records, asking: Asking) -> list[Excess]:
        """What keeps somebody from making any environment, while Berth is rolled out team by team; not admins."""
        return self._beyond_rollout(asking, self._in_force_of(records, asking.environment, asking.scopes[0]))

    def _beyond_rollout(self, asking: Asking, owners: InForce) -> list[Excess]:
        teams, actor = self.catalogue.rollout, asking.actor
        if teams is None or asking.wish.kind is not WishKind.CREATE or set(actor.teams) & set(teams):
            return []
        if actor.role is Role.ADMIN:  # who rolls it out is there first
            return []
        admitted = Limit.ROLLOUT in owners.raised
        return [] if admitted else [Excess(owners.scope, Limit.ROLLOUT, Decimal(0), Decimal(0), Decimal(1))]

    def _approved(self, records: Records, asking: Asking) -> LimitRequest | None:
        if asking.request_id is None:
            return None
        request = records.limits.request(asking.request_id)
        if request is None or request.state is not RequestState.APPROVED:
            raise Refusal("This request was carried out already", "There is nothing left to do.")
        return request


def wake_by_time(environment: Environment) -> Asking:
    """The wish of a schedule that an environment wakes: it is its owner's."""
    workspace_id, owner, email = environment.workspace_id, environment.owner_id, environment.owner_email
    actor = Actor(workspace_id, owner, email, email, "UTC", Role.MEMBER, None)
    return Asking(actor, Wish(WishKind.WAKE, environment.name, environment.id), environment)


def scopes_of(environment: Environment) -> tuple[Scope, ...]:
    """Whose limits an environment counts in."""
    team = (Scope(ScopeKind.TEAM, environment.team),) if environment.team else ()
    cluster = Scope(ScopeKind.CLUSTER, environment.cluster)
    return (Scope(ScopeKind.PERSON, environment.owner_id), *team, cluster)


def _granted(request: LimitRequest, excess: Excess) -> bool:
    """Whether no more is asked for than was approved: the environment may be of another size by now."""
    limit = (excess.scope.kind.value, excess.scope.name, excess.limit.value)
    approved = (Decimal(one["asked"]) for one in request.excesses if (one["scope"], one["name"], one["limit"]) == limit)
    return excess.asked <= max(approved, default=Decimal(0))


def _asked(asking: Asking, size: Size | None) -> dict[Limit, Decimal]:
    wish = asking.wish
    seconds = {} if wish.seconds is None else dict.fromkeys(_LASTING[wish.kind], Decimal(wish.seconds))
    if wish.kind in (WishKind.EXTEND, WishKind.EXTEND_END):
        return seconds
    awake = wish.kind is not WishKind.RESIZE or asking.environment.wanted is Wanted.RUNNING
    return {**claim(size, awake=awake), **seconds}


def _seconds(catalogue: Catalogue) -> dict[str, Decimal]:
    """What everybody may ask for at the most, where nothing else is said of them."""
    longest = {
        Limit.LONGEST_TTL: catalogue.ttl.longest,
        Limit.LONGEST_KEEP_AWAKE: catalogue.sleep.longest_keep_awake,
    }
    return {limit.value: Decimal(duration.total_seconds()) for limit, duration in longest.items()}


def _email(records: Records, workspace_id: str, scope: Scope) -> str:
    person = records.people.get(workspace_id, scope.name) if scope.kind is ScopeKind.PERSON else None
    return (person.email or "") if person is not None else ""


def _known(limit: str) -> Limit | None:
    return Limit(limit) if limit in tuple(Limit) else None


_LASTING: Mapping[WishKind, tuple[Limit, ...]] = {
    WishKind.CREATE: (Limit.LONGEST_TTL,),
    WishKind.WAKE: (Limit.LONGEST_KEEP_AWAKE, Limit.LONGEST_TTL),
    WishKind.EXTEND: (Limit.LONGEST_KEEP_AWAKE, Limit.LONGEST_TTL),
    WishKind.EXTEND_END: (Limit.LONGEST_TTL,),
    WishKind.RESIZE: (),
}
