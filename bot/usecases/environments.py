"""Making, finding and deleting environments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.limits import Limit
from bot.rules.names import namespace_name, slug
from bot.rules.permissions import Action
from bot.rules.words import Phase, Wanted, command, named
from bot.rules.workloads import controlled
from bot.seams.cluster import ClusterError, Clusters
from bot.usecases import intents
from bot.usecases.intents import Deed, Order
from bot.usecases.limits import Asking, Limits
from bot.usecases.policies import refuse_protected
from bot.usecases.progress import begin_progress
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.sleep import end_warnings
from bot.usecases.source import Source
from bot.usecases.wishes import Wish, WishKind
from store.database import Store
from store.environments import NameTaken
from store.records import Records
from store.tables import Environment, new_id


@dataclass(frozen=True)
class CreateRequest:
    """What a person asks for; None takes the default: of teams their first, of clusters that of berth.yaml."""

    name: str
    template: str | None = None
    size: str | None = None
    ttl: timedelta | None = None
    team: str | None = None
    cluster: str | None = None

    @staticmethod
    def of(wish: Wish) -> "CreateRequest":
        """What a kept wish asks for."""
        return CreateRequest(wish.name, wish.template, wish.size, wish.duration, wish.team, wish.cluster)


_OF_SLEEP = (Phase.FALLING_ASLEEP, Phase.SLEEPING, Phase.WAKING)


@dataclass(frozen=True)
class Inventory:
    """What an environment holds and deletion loses, in a few words each."""

    workloads: Sequence[str]
    volumes: Sequence[str]


@dataclass(frozen=True)
class Environments:
    """The use cases. `nudge` wakes the workers after an intent was committed."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def create(self, actor: Actor, request: CreateRequest, source: Source) -> Environment:
        """Promise a new environment. Raises Refusal."""
        now = self.clock.now()
        environment = self.designed(actor, request)
        with self.store.begin() as records:
            try:
                records.environments.add(environment)
            except NameTaken:
                raise self._taken(records, actor, environment.name) from None
            self._fit(records, actor, environment, request, source)
            begin_progress(records, environment, now, source.channel_id or actor.id)
            intents.audit(records, environment, {}, Deed("create", actor.id, source, now))
        self.nudge()
        return environment

    def visible(self, actor: Actor, whose: Literal["mine", "team", "all"] = "mine") -> Sequence[Environment]:
        """The living environments an actor may see, by name. Raises Refusal."""
        with self.store.read() as records:
            if whose == "mine":
                return records.environments.living(actor.workspace_id, owner_id=actor.id)
            if whose == "team":
                return self._of_team(records, actor)
            if not intents.sees_all(actor):
                raise Refusal(
                    "Only admins see everybody's environments", f"Try {command('list team')}.", retry="list team"
                )
            return records.environments.living(actor.workspace_id)

    def named(self, actor: Actor, name: str) -> Environment:
        """The environment a person means by `name`. Raises Refusal.

        What the actor may not see is refused in the very words of what does not exist, so that nobody learns by asking
        what others have.
        """
        with self.store.read() as records:
            try:
                found = records.environments.named(actor.workspace_id, slug(name))
            except ValueError:
                found = None
            if found is None or Action.VIEW not in self.allowed(actor, found):
                raise Refusal(
                    f"There is no environment “{name}” that you may see",
                    f"Type {command('list')} to see yours, {command('list team')} to see your team's.",
                    choices=self._names(records, actor),
                )
        return found

    def by_id(self, actor: Actor, environment_id: str) -> Environment:
        """The environment of a button. Raises Refusal if it is gone, or not the actor's to see."""
        with self.store.read() as records:
            return intents.seen(records, actor, environment_id)

    def allowed(self, actor: Actor, environment: Environment) -> frozenset[Action]:
        """Everything the actor may do to an environment."""
        return intents.allowed(actor, environment)

    def remarks(self, actor: Actor, environment: Environment) -> Sequence[str]:
        """What is to be said of single objects while it sleeps: what was left running, or started again, and why."""
        intents.authorise(actor, Action.VIEW, environment)
        if environment.phase not in _OF_SLEEP or environment.sleep_cycle is None:
            return []
        with self.store.read() as records:
            return [e.note for e in records.journal.of_cycle(environment.id, environment.sleep_cycle) if e.note]

    def inventory(self, actor: Actor, environment: Environment) -> Inventory:
        """What the environment holds now. Asks the cluster, so it is slow. Raises Refusal."""
        intents.authorise(actor, Action.VIEW, environment)
        try:
            cluster = self.clusters[environment.cluster]
            claims = cluster.list("PersistentVolumeClaim", environment.namespace)
            workloads = [
                kind.describe(kind.woken(found))
                for kind in cluster.kinds.values()
                for found in cluster.list(kind.key, environment.namespace)
                if not controlled(kind.key, found)
            ]
        except ClusterError as error:
            raise Refusal(
                f"I cannot see what {named(environment.name)} holds: {error}", "Try again in a minute."
            ) from error
        volumes = [f"{c['metadata']['name']} {c['spec']['resources']['requests']['storage']}" for c in claims]
        return Inventory(workloads, volumes)

    def check_admitted(self, actor: Actor) -> None:
        """Before somebody is asked what to make: raises Refusal for whom Berth is not there for yet."""
        name = "blue"
        asking = Asking(actor, Wish(WishKind.CREATE, name), self.designed(actor, CreateRequest(name)))
        limits = Limits(self.catalogue, self.clock)
        with self.store.read() as records:
            outside = limits.outside_rollout(records, asking)
            if outside:
                refusal = limits.refusal(records, asking, outside)
                hint = f"Type {command(f'create {name}')}, and ask for it there; an admin decides."
                raise Refusal(refusal.message, hint if refusal.can_ask else refusal.hint)

    def check_deletable(self, actor: Actor, environment: Environment) -> None:
        """Before somebody is asked whether they are sure: raises Refusal where it would be refused."""
        intents.authorise(actor, Action.DELETE, environment)
        with self.store.read() as records:
            refuse_protected(environment, "deleted", self._responsible(records, actor))

    def delete(self, actor: Actor, environment_id: str, source: Source) -> Environment:
        """Promise that an environment goes, with all it holds. Raises Refusal."""
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.DELETE, environment_id)
            if environment.wanted is Wanted.DELETED:
                return environment
            refuse_protected(environment, "deleted", self._responsible(records, actor))
            before = intents.picture(environment)
            end_warnings(records, environment, now)
            intents.order(environment, Order(Wanted.DELETED, actor.id), now)
            environment.check_at = None
            begin_progress(records, environment, now, actor.id)
            intents.audit(records, environment, before, Deed("delete", actor.id, source, now))
        self.nudge()
        return environment

    def designed(self, actor: Actor, request: CreateRequest) -> Environment:
        """The environment as it would be made. Raises Refusal for what there is not."""
        now = self.clock.now()
        name = self._slug(request.name)
        template = _known(request.template or self.catalogue.default_template, self.catalogue.templates, "template")
        size = _known(request.size or self.catalogue.default_size, self.catalogue.sizes, "size")
        environment_id = new_id()
        return Environment(
            id=environment_id,
            workspace_id=actor.workspace_id,
            owner_id=actor.id,
            owner_email=actor.email,
            team=_team_of(actor, request.team),
            name=name,
            title=request.name.strip(),
            cluster=_known(request.cluster or self.catalogue.cluster().name, self.catalogue.clusters, "cluster"),
            namespace=namespace_name(name, environment_id),
            template=template,
            size=size,
            phase=Phase.PROVISIONING,
            wanted=Wanted.RUNNING,
            operation_by=actor.id,
            operation_at=now,
            created_at=now,
            expires_at=now + (request.ttl or self.catalogue.ttl.default),
            expiry_set_at=now,
            last_activity_at=now,
            last_activity_by=f"<@{actor.id}>",
            last_activity_what="/k8s create",
            due_at=now,
        )

    def _responsible(self, records: Records, actor: Actor) -> Responsible:
        return Responsible(self.catalogue, self.clock, records, actor.workspace_id)

    def _slug(self, typed: str) -> str:
        try:
            return slug(typed)
        except ValueError as error:
            raise Refusal(
                f"“{typed}” cannot be a name: {error}", f"Try {command('create blue')}.", retry="create blue"
            ) from error

    def _fit(
        self, records: Records, actor: Actor, environment: Environment, request: CreateRequest, source: Source
    ) -> None:
        """Raises OverLimit unless it fits within the limits. What lives as long as usual lives as long as it may."""
        seconds = None if request.ttl is None else int(request.ttl.total_seconds())
        wish = Wish(
            WishKind.CREATE,
            request.name.strip(),
            template=environment.template,
            size=environment.size,
            seconds=seconds,
            team=request.team and environment.team,
            cluster=request.cluster and environment.cluster,
        )
        limits = Limits(self.catalogue, self.clock)
        limits.check(records, Asking(actor, wish, environment, source.approval))
        longest = limits.longest(records, environment, Limit.LONGEST_TTL)
        if request.ttl is None and longest is not None:
            environment.expires_at = environment.created_at + min(self.catalogue.ttl.default, longest)

    def _taken(self, records: Records, actor: Actor, name: str) -> Refusal:
        holder = records.environments.named(actor.workspace_id, name)
        free = self._free_name(records, name)
        if holder is not None and holder.owner_id == actor.id:
            return Refusal(
                f"You have {name} already",
                f"See it with {command(f'status {name}')}, or make another.",
                retry=f"create {free}",
            )
        seen = holder is not None and Action.VIEW in self.allowed(actor, holder)
        owner = f" by <@{holder.owner_id}>" if holder is not None and seen else ""
        return Refusal(f"The name {name} is taken{owner}", f"{free} is free.", retry=f"create {free}")

    def _free_name(self, records: Records, name: str) -> str:
        stem = slug(name)[:26].rstrip("-")
        taken = {environment.name for environment in records.environments.similar(stem)}
        return next(free for number in range(2, len(taken) + 3) if (free := f"{stem}-{number}") not in taken)

    def _of_team(self, records: Records, actor: Actor) -> Sequence[Environment]:
        if not actor.teams:
            raise Refusal(
                "You are in no team that Berth knows", "Ask an admin to add your e-mail to a team in berth.yaml."
            )
        return records.environments.living(actor.workspace_id, teams=list(actor.teams))

    def _names(self, records: Records, actor: Actor) -> tuple[str, ...]:
        return tuple(
            e.name for e in records.environments.living(actor.workspace_id) if Action.VIEW in self.allowed(actor, e)
        )


def _team_of(actor: Actor, asked: str | None) -> str | None:
    """The team that a new environment belongs to. Raises Refusal for one that its owner is not in."""
    if asked is None:
        return actor.team.name if actor.team is not None else None
    wanted = asked.strip().lower()
    if wanted in actor.teams:
        return wanted
    theirs = ", ".join(actor.teams)
    instead = f"Yours: {theirs}." if theirs else "Leave team= out."
    raise Refusal(f"You are not in team “{asked}”", instead, choices=tuple(actor.teams))


def _known(name: str, entries: Sequence[object], what: str) -> str:
    names = tuple(str(getattr(entry, "name", "")) for entry in entries)
    wanted = name.strip().lower()
    if wanted not in names:
        raise Refusal(f"There is no {what} “{name}”", f"Choose one of {', '.join(names)}.", choices=names)
    return wanted
