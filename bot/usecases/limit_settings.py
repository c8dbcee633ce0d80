"""What holds for whom and how much of it is used, for people to see and for admins to set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.limit_change import LimitChange, LimitError, read_change
from bot.rules.limits import AWAKE, DURATIONS, OF_CLUSTERS, SETTABLE, Amounts, Limit, Scope, ScopeKind, over, written
from bot.rules.words import command
from bot.usecases.addressees import Recipients, of_admins, of_all_admins, of_leads
from bot.usecases.administering import authorise
from bot.usecases.colleagues import Colleagues
from bot.usecases.limits import InForce, Limits
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import AuditEvent, LimitRaise, LimitSetting, Notice, new_id

_NEAR = Decimal("0.8")
_UNLIMITED = "none"  # as it is typed, and as the audit log has it


@dataclass(frozen=True)
class Allowance:
    """A scope's limits, and what of them is used: of its budget what was spent in the currency of the most of it.

    `spent` is what was spent of the budget in each currency, the most first; no sum is made of different ones.
    """

    in_force: InForce
    used: Amounts
    currency: str = ""
    over: tuple[Limit, ...] = ()
    spent: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """Whose limits they are."""
        return self.in_force.scope

    @property
    def is_near(self) -> bool:
        """Whether any limit is reached to four fifths."""
        limits = self.in_force.limits
        return any(self.used.get(one, Decimal(0)) >= limits[one] * _NEAR > 0 for one in limits if one in self.used)


@dataclass(frozen=True)
class Book:
    """What an admin is shown: single scopes, or teams and clusters and the people who are near a limit."""

    standings: Sequence[Allowance]
    change: LimitChange = field(default_factory=LimitChange)
    whole: bool = False


@dataclass(frozen=True)
class LimitSettings:
    """The use cases."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    colleagues: Colleagues
    nudge: Callable[[], None]

    def mine(self, actor: Actor) -> Sequence[Allowance]:
        """What holds for the actor, their teams, and the clusters, where anything does."""
        teams = [Scope(ScopeKind.TEAM, name) for name in actor.teams]
        scopes = [Scope(ScopeKind.PERSON, actor.id), *teams, *self._clusters()]
        with self.store.read() as records:
            found = [self._standing(records, actor.workspace_id, scope, actor.email) for scope in scopes]
        return [one for one in found if one.in_force.limits]

    def over(self, actor: Actor) -> Sequence[Allowance]:
        """Who has more than they may, of teams, clusters and people. Raises Refusal for whoever is no admin."""
        authorise(actor, self, "That is for everybody")
        return [one for one in self._all(actor.workspace_id) if one.over]

    def administered(self, actor: Actor, typed: Sequence[str], source: Source) -> Book:
        """What `/k8s admin limits` asks for: shows, or sets and shows. May ask Slack, so it is slow. Raises Refusal."""
        authorise(actor, self, "That is for everybody")
        target, rest = _split(typed)
        if target is None and not rest:
            return Book(self._all(actor.workspace_id), whole=True)
        if target is None:
            raise Refusal("Whose limits?", "Name a team, a cluster or a person before them: payments cpu=40.")
        scope = self._scope(actor.workspace_id, target)
        change = _read(rest, scope)
        with self.store.begin() as records:
            if change.settings or change.reset:
                self._refuse_own(records, actor, scope)
                self._apply(records, actor, scope, change, source)
            standing = self._standing(records, actor.workspace_id, scope)
        self.nudge()
        return Book([standing], change)

    def _refuse_own(self, records: Records, actor: Actor, scope: Scope) -> None:
        """Nobody settles their own limits, as nobody approves their own requests; unless nobody else could."""
        if scope != Scope(ScopeKind.PERSON, actor.id):
            return
        others = Responsible(self.catalogue, self.clock, records, actor.workspace_id)
        myself = (actor.id, actor.email)
        if others.admins(myself):
            raise Refusal("Nobody settles their own limits", f"Another admin can: {others.named_admins(myself)}.")

    def _all(self, workspace_id: str) -> Sequence[Allowance]:
        scopes = [*(Scope(ScopeKind.TEAM, team.name) for team in self.catalogue.teams), *self._clusters()]
        with self.store.read() as records:
            settled = [self._standing(records, workspace_id, scope) for scope in scopes]
            people = {*records.limits.owners(workspace_id), *records.limits.named(workspace_id, ScopeKind.PERSON)}
            persons = [self._standing(records, workspace_id, Scope(ScopeKind.PERSON, one)) for one in sorted(people)]
        near = [one for one in persons if one.is_near or one.over or one.in_force.set_by or one.in_force.raised]
        return [*(one for one in settled if one.in_force.limits), *near]

    def _clusters(self) -> list[Scope]:
        return [Scope(ScopeKind.CLUSTER, cluster.name) for cluster in self.catalogue.clusters]

    def _standing(self, records: Records, workspace_id: str, scope: Scope, email: str = "") -> Allowance:
        limits = Limits(self.catalogue, self.clock)
        in_force = limits.in_force(records, workspace_id, scope, email)
        used = dict(limits.used(records, workspace_id, scope))
        used = {limit: used.get(limit, Decimal(0)) for limit in in_force.limits if limit in SETTABLE[:_COUNTED]}
        currency, spent = self.catalogue.prices_of(scope.name).currency, dict[str, Decimal]()
        if Limit.BUDGET in in_force.limits:
            found = limits.spending.spent(records, workspace_id, scope)
            spent = {one: found[one] for one in sorted(found, key=lambda one: (-found[one], one)) if found[one]}
            currency = next(iter(spent), currency)
            used[Limit.BUDGET] = spent.get(currency, Decimal(0))
        return Allowance(in_force, used, currency, over(in_force.limits, used), spent)

    def _scope(self, workspace_id: str, typed: str) -> Scope:
        """Whom an admin means. Raises Refusal for nobody."""
        name = typed.casefold()
        if self.catalogue.team(name) is not None:
            return Scope(ScopeKind.TEAM, name)
        if name in [cluster.name for cluster in self.catalogue.clusters]:
            return Scope(ScopeKind.CLUSTER, name)
        person_id = self.colleagues.known(workspace_id, typed)
        if person_id is not None:
            return Scope(ScopeKind.PERSON, person_id)
        teams = ", ".join(team.name for team in self.catalogue.teams) or "none"
        raise Refusal(
            f"“{typed}” is no team, no cluster and nobody who has used Berth",
            f"There are the teams {teams}. Give a person by mention, name or e-mail.",
        )

    def _apply(self, records: Records, actor: Actor, scope: Scope, change: LimitChange, source: Source) -> None:
        kind, name, now = scope.kind.value, scope.name, self.clock.now()
        known = records.limits.settings(actor.workspace_id, kind, name)
        raised = _ended_by(change, records.limits.raises(actor.workspace_id, kind, name, now))
        before = {one.limit: one.value or _UNLIMITED for one in known} | {one.limit: one.value for one in raised}
        records.limits.forget(raised)
        if change.reset:
            records.limits.forget(known)
        for limit, value in change.settings.items():
            records.limits.set(
                LimitSetting(
                    workspace_id=actor.workspace_id,
                    scope=kind,
                    name=name,
                    limit=limit.value,
                    value=None if value is None else str(value),
                    set_by=actor.id,
                    set_at=now,
                )
            )
        after = (
            {}
            if change.reset
            else before | {k.value: _UNLIMITED if v is None else str(v) for k, v in change.settings.items()}
        )
        records.audit.add(
            AuditEvent(
                at=now,
                workspace_id=actor.workspace_id,
                actor=actor.id,
                action="set limits",
                person_id=name if scope.kind is ScopeKind.PERSON and name != actor.id else None,
                before={"scope": kind, "name": name, **before},
                after={"scope": kind, "name": name, **after},
                **source.columns(),
            )
        )
        self._tell(records, actor, scope, change, now)

    def _tell(self, records: Records, actor: Actor, scope: Scope, change: LimitChange, now: datetime) -> None:
        currency = self.catalogue.prices_of(scope.name).currency
        text = f"<@{actor.id}> {_told(change, scope, currency)}. {command('limits')} shows what holds and what is used"
        key = f"limits:{new_id()}"
        for index, recipients in enumerate(self._recipients(records, actor, scope)):
            records.notices.say(
                Notice(
                    key=f"{key}:{index}",
                    workspace_id=actor.workspace_id,
                    kind="notice",
                    facts={"text": text},
                    recipients=recipients,
                    created_at=now,
                    due_at=now,
                )
            )

    def _recipients(self, records: Records, actor: Actor, scope: Scope) -> Recipients:
        responsible = Responsible(self.catalogue, self.clock, records, actor.workspace_id)
        match scope.kind:
            case ScopeKind.PERSON if scope.name == actor.id:  # the only admin; a channel for approvals sees it
                return of_all_admins(responsible, [actor.id, actor.email])
            case ScopeKind.PERSON:
                return [[scope.name]]
            case ScopeKind.TEAM:
                return of_leads(responsible, scope.name)
            case ScopeKind.CLUSTER:
                return of_admins(responsible, [actor.id, actor.email])


_COUNTED = SETTABLE.index(Limit.BUDGET)


def _split(typed: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Whom it is about, and what is to be so."""
    if typed and "=" not in typed[0] and typed[0].casefold() != "reset":
        return typed[0], typed[1:]
    return None, typed


def _ended_by(change: LimitChange, raises: Sequence[LimitRaise]) -> Sequence[LimitRaise]:
    """What was raised for a while, and is not any more once an admin has said what holds. A rollout is no limit."""
    of_limits = [one for one in raises if one.limit in SETTABLE]
    return [one for one in of_limits if change.reset or one.limit in change.settings]


def _read(typed: Sequence[str], scope: Scope) -> LimitChange:
    try:
        return read_change(typed, OF_CLUSTERS if scope.kind is ScopeKind.CLUSTER else SETTABLE)
    except LimitError as error:
        raise Refusal(str(error), "Nothing was changed.") from error


def _told(change: LimitChange, scope: Scope, currency: str) -> str:
    """What an admin did, after their name."""
    if change.reset:
        return f"took back all limits set in Slack for {scope.shown}, so that those of berth.yaml hold again"
    most = [_most(limit, value, currency) for limit, value in change.settings.items() if value is not None]
    free = [_name(limit) for limit, value in change.settings.items() if value is None]
    said = [f"lets {scope.shown} have at most {_and(most)}"] if most else []
    return " and ".join([*said, *([f"lifted the limit of {_and(free)} for {scope.shown}"] if free else [])])


def _most(limit: Limit, value: Decimal, currency: str) -> str:
    said = written(limit, value, currency)
    if limit in DURATIONS:
        return f"a {_name(limit)} of {said}"
    return f"{said} a month" if limit is Limit.BUDGET else f"{said}{' awake' if limit.startswith(AWAKE) else ''}"


def _name(limit: Limit) -> str:
    """A limit as people call it."""
    if limit in DURATIONS:
        return {Limit.LONGEST_TTL: "ttl", Limit.LONGEST_KEEP_AWAKE: "time kept awake"}[limit]
    what = limit.removeprefix(AWAKE)
    return f"{what.upper() if what in ('cpu', 'gpu') else what}{' awake' if limit.startswith(AWAKE) else ''}"


def _and(said: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
