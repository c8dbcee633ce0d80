"""How a wish becomes intent: authorised at the moment of acting, written with its audit event in one transaction.

Nothing here calls Slack or a cluster. Whoever commits an intent nudges the workers afterwards.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.rules.actors import Actor
from bot.rules.permissions import Action, may
from bot.rules.words import BERTH, Phase, Role, Wanted, command, named
from bot.usecases.refusal import Refusal
from bot.usecases.source import Source
from store.database import Store
from store.grants import team_of
from store.records import Records
from store.tables import AuditEvent, Environment

_AUDITED = (
    *("phase", "wanted", "expires_at", "awake_until", "owner_id", "size", "namespace"),
    *("stops_pods", "never_sleep_reason", "never_sleep_by"),
    *("working_hours", "idle_after_s"),
    *("team", "delete_at", "protected_by", "protected_reason"),
)

_YOURS: Final = f"{command('list')} shows those you have."


@dataclass(frozen=True)
class Order:
    """What is asked for: the wanted state, by whom, and why if time asks.

    `stops_pods`: names of pods that nothing can bring back, and that end with this sleep, as was agreed.
    """

    wanted: Wanted
    by: str
    reason: str | None = None
    stops_pods: tuple[str, ...] = ()


def allowed(actor: Actor, environment: Environment) -> frozenset[Action]:
    """Everything the actor may do to an environment."""
    return frozenset(action for action in Action if may(actor, action, environment).allowed)


def authorise(actor: Actor, action: Action, environment: Environment) -> None:
    """Raises Refusal, naming who may, unless the actor may do it."""
    decision = may(actor, action, environment)
    if not decision.allowed:
        hint = _share_first(actor, action, environment) or f"{decision.instead}."
        raise Refusal(f"{named(environment.name)} belongs to <@{environment.owner_id}>: {decision.rule}", hint)


def _share_first(actor: Actor, action: Action, environment: Environment) -> str:
    """How somebody who may share an environment comes to connect to it; empty where they may not, or do not want to."""
    if action is not Action.CONNECT or not may(actor, Action.SHARE, environment).allowed:
        return ""
    share = command(f"share {environment.name} me view")
    return f"Share it with yourself first: {share}, or edit instead of view. Its owner is told."


def living(records: Records, actor: Actor, action: Action, environment_id: str) -> Environment:
    """The environment, locked, for an actor who may do `action`. Raises Refusal."""
    return _present(records.environments.lock(environment_id), actor, action)


def seen(records: Records, actor: Actor, environment_id: str) -> Environment:
    """The environment, as it is, for an actor who may see it. Raises Refusal."""
    return _present(records.environments.get(environment_id), actor, Action.VIEW)


def checked(store: Store, actor: Actor, action: Action, environment_id: str) -> Environment:
    """The environment, as it is, for an actor who may do `action`, before they are asked how. Raises Refusal."""
    with store.read() as records:
        environment = seen(records, actor, environment_id)
    authorise(actor, action, environment)
    return environment


def _present(environment: Environment | None, actor: Actor, action: Action) -> Environment:
    if environment is None or environment.workspace_id != actor.workspace_id:
        raise Refusal("This environment no longer exists", _YOURS)
    if environment.phase is Phase.DELETED:
        raise _gone(actor, environment)
    authorise(actor, action, environment)
    return environment


def _gone(actor: Actor, environment: Environment) -> Refusal:
    """What is answered to a button of what was deleted; who may not see it learns nothing more of it."""
    if Action.VIEW not in allowed(actor, environment):
        return Refusal("This environment no longer exists", _YOURS)
    name, by, why = environment.name, environment.operation_by, environment.operation_reason
    who = f"because {why}" if by == BERTH and why else "by Berth" if by == BERTH else f"by <@{by}>"
    return Refusal(
        f"{name} no longer exists: it was deleted {who}",
        f"{_YOURS} {command(f'create {name}')} makes a new one of that name.",
    )


def order(environment: Environment, wish: Order, now: datetime) -> None:
    """Write what is wanted; reconcile makes the phase follow from now on.

    A sleep keeps the warning that went before it, whose message becomes its news.
    """
    environment.wanted = wish.wanted
    environment.operation += 1
    environment.operation_by = wish.by
    environment.operation_reason = wish.reason
    environment.operation_at = now
    environment.condition = environment.ready = None
    environment.missing = []
    environment.attempts = 0
    environment.due_at = now
    environment.deadline_at = environment.deadline_rule = None
    if wish.wanted is Wanted.SLEEPING:  # it sleeps from now on, whatever sleep a wake did not quite end before
        environment.slept_at = now if environment.phase is Phase.SLEEPING else None
    environment.stops_pods = list(wish.stops_pods)
    if wish.wanted is not Wanted.SLEEPING:
        environment.warning_key = None
    environment.kept_by = []


def used(environment: Environment, actor: Actor, what: str, now: datetime) -> None:
    """Count something done in Slack as a sign of use."""
    environment.last_activity_at = now
    environment.last_activity_by = f"<@{actor.id}>"
    environment.last_activity_what = what
    environment.check_at = now


def picture(environment: Environment) -> dict[str, Any]:
    """What an audit event keeps of an environment, before and after."""
    return {name: _plain(getattr(environment, name)) for name in _AUDITED}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Deed:
    """One audit event to be: what was done by whom, from where."""

    action: str
    by: str
    source: Source
    now: datetime
    reason: str = ""
    whom: str = ""
    """To whom it is done, where what it changes does not say so."""


def audit(records: Records, environment: Environment, before: dict[str, Any], deed: Deed) -> None:
    """Record a deed in the transaction that does it."""
    audit_change(records, environment, (before, picture(environment)), deed)


def audit_change(
    records: Records, environment: Environment, states: tuple[dict[str, Any], dict[str, Any]], deed: Deed
) -> None:
    """Record a deed with what it changed, before and after, where that is not the environment's own row."""
    before, after = states
    records.audit.add(
        AuditEvent(
            at=deed.now,
            workspace_id=environment.workspace_id,
            actor=deed.by,
            action=deed.action,
            environment_id=environment.id,
            person_id=_concerned(environment, states, deed),
            before=before,
            after=after,
            reason=deed.reason,
            **deed.source.columns(),
        )
    )


def _concerned(environment: Environment, states: tuple[dict[str, Any], dict[str, Any]], deed: Deed) -> str | None:
    """Whom a share names, whoever gives or ends it; of what other people do, the environment's owner."""
    before, after = states
    subject = str(after.get("subject") or before.get("subject") or "")
    named = deed.whom or ("" if team_of(subject) else subject)
    owners = [] if deed.by == BERTH else [before.get("owner_id"), environment.owner_id]
    return next((one for one in (named, *owners) if one and one != deed.by), None)


def by_time(wanted: Wanted, reason: str) -> Order:
    """An order of Berth itself, because time passed."""
    return Order(wanted, BERTH, reason)


def sees_all(actor: Actor) -> bool:
    """Whether the actor may list everybody's environments."""
    return actor.role is Role.ADMIN
