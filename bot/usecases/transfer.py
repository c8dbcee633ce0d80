"""Giving an environment to a colleague: it is theirs from then on, and no longer its former owner's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.limits import CLAIMED, Asked, Scope, ScopeKind, claim, exceeded, sentence
from bot.rules.names import service_account_name
from bot.rules.permissions import Action
from bot.rules.words import Wanted, capital, command, named
from bot.usecases import intents
from bot.usecases.holders import change_access
from bot.usecases.intents import Deed
from bot.usecases.limits import Limits
from bot.usecases.news import about
from bot.usecases.orphans import news_of
from bot.usecases.refusal import Refusal
from bot.usecases.sleep import answer_warning
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import ClusterUser, Environment


@dataclass(frozen=True)
class Transfer:
    """The use case. The cluster follows: reconcile takes the former owner's access away first."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    nudge: Callable[[], None]

    def look(self, actor: Actor, environment_id: str, to: Actor) -> Environment:
        """What would be given, where it could be given to `to`, who was identified. Raises Refusal as `transfer`."""
        with self.store.begin() as records:
            environment = _givable(records, actor, environment_id)
            if environment.owner_id != to.id:
                self._fit(records, actor, environment, to)
        return environment

    def transfer(self, actor: Actor, environment_id: str, to: Actor, source: Source) -> tuple[Environment, bool]:
        """Give an environment to `to`, who was identified. It, and whether this call changed it. Raises Refusal."""
        now = self.clock.now()
        with self.store.begin() as records:
            environment = _givable(records, actor, environment_id)
            if environment.owner_id == to.id:
                return environment, False
            before, former = intents.picture(environment), environment.owner_id
            team = team_under(environment, to)
            self._fit(records, actor, environment, to)
            self._give(records, environment, to, now)
            environment.team = team
            given = {"by": actor.id, "to": to.id, "at": now.isoformat()}
            self._announce_anew(records, environment, given, now)
            orphan = records.orphans.end(environment.id)
            if orphan is not None:
                news_of(records, orphan, now, {"kind": "taken", "to": to.id})
            for reader in dict.fromkeys((former, to.id)):
                _tell(records, environment, {"from": former, "reader": reader, **given}, now)
            intents.audit(records, environment, before, Deed("transfer", actor.id, source, now))
        self.nudge()
        return environment, True

    def _fit(self, records: Records, actor: Actor, environment: Environment, to: Actor) -> None:
        """Raises Refusal where its new owner, or their team, would have more than they may."""
        limits, scopes = Limits(self.catalogue, self.clock), counting_anew(environment, to)
        records.limits.lock(environment.workspace_id, [(one.kind.value, one.name) for one in scopes])
        size = next((one for one in self.catalogue.sizes if one.name == environment.size), None)
        asked = Asked(claim(size, awake=environment.wanted is Wanted.RUNNING), {})
        for scope in scopes:
            held = limits.in_force(records, environment.workspace_id, scope, to.email).limits
            counted = {limit: value for limit, value in held.items() if limit in CLAIMED}
            used = limits.used(records, environment.workspace_id, scope, but=environment.id)
            excesses = exceeded(scope, counted, used, asked)
            if excesses:
                told = sentence(excesses[0], actor.id)
                hint = f"They can make room, or an admin can let them have more: {command('admin limits')}."
                raise Refusal(capital(told), hint)

    def _give(self, records: Records, environment: Environment, to: Actor, now: datetime) -> None:
        environment.owner_id, environment.owner_email = to.id, to.email
        change_access(environment, now)
        shared = records.grants.get(environment.id, to.id)
        if shared is not None:
            records.grants.take(shared)
        account = service_account_name(to.id, to.workspace_id)
        records.people.keep_cluster_user(
            ClusterUser(
                workspace_id=to.workspace_id,
                person_id=to.id,
                cluster=environment.cluster,
                service_account=account,
                created_at=now,
            )
        )

    def _announce_anew(self, records: Records, environment: Environment, given: dict[str, str], now: datetime) -> None:
        """What its former owner was told counts no longer: nothing sleeps or ends before the new one has been."""
        outcome = {"kind": "transferred", **given}
        answer_warning(records, environment, now, outcome)
        records.notices.change(environment.expiry_key or "", now, {"outcome": outcome})
        environment.deadline_at = environment.deadline_rule = environment.warning_key = None
        environment.expiry_key = environment.delete_at = None
        environment.check_at = now


def team_under(environment: Environment, to: Actor) -> str | None:
    """The team that an environment is of once it is somebody's: its own if they are in it, else their first."""
    return environment.team if environment.team in to.teams else to.team.name if to.team else None


def counting_anew(environment: Environment, to: Actor) -> list[Scope]:
    """In whose limits it counts only once it is theirs."""
    team, scopes = team_under(environment, to), [Scope(ScopeKind.PERSON, to.id)]
    return [*scopes, Scope(ScopeKind.TEAM, team)] if team is not None and team != environment.team else scopes


def _givable(records: Records, actor: Actor, environment_id: str) -> Environment:
    """The environment, locked, where the actor may give it away. Raises Refusal."""
    environment = intents.living(records, actor, Action.TRANSFER, environment_id)
    if environment.wanted is Wanted.DELETED:
        raise Refusal(f"{named(environment.name)} is being deleted", "There is nothing left to give away.")
    return environment


def _tell(records: Records, environment: Environment, given: dict[str, str], now: datetime) -> None:
    key = f"transferred:{environment.id}:{given['at']}:{given['reader']}"
    facts = {"environment_id": environment.id, "name": environment.name, "phase": environment.phase.value, **given}
    records.notices.say(about(environment, key, "transferred", facts, [given["reader"]], now))
