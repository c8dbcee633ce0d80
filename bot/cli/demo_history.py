"""What the demo's company did before one came to look: some weeks of its people's environments, made up.

It is written as the bot itself would have written it, and only then the bot is started. What lives of it is made on the
cluster by the bot at its start, like everything else; its requests are those of the demo's template, so that what was
metered goes on as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.cli.demo_company import CLUSTER, REQUESTED, SHOP, ZONE
from bot.rules.costs import Footprint, Span
from bot.rules.names import namespace_name, service_account_name
from bot.rules.words import Phase, Step, Wanted
from bot.sandbox.slack import HARBOUR
from bot.sandbox.slack.seed import slack_id
from store.database import Store
from store.records import Records
from store.schema import migrate
from store.tables import AuditEvent, ClusterUser, Environment, UsageSpan, new_id

_DAY: Final = timedelta(days=1)
_MORNING, _EVENING = 9, 17  # hours of the day in the company's zone, between which people work
_WORKSPACE: Final = slack_id("T", HARBOUR.domain)


@dataclass(frozen=True)
class Past:
    """An environment of somebody: how old it is, and how long ago it was deleted, if it was."""

    name: str
    owner: str
    team: str
    age: timedelta
    deleted: timedelta | None = None


HISTORY: Final = (
    Past("checkout", "lin", "payments", 19 * _DAY),
    Past("refunds", "ada", "payments", 10 * _DAY, deleted=1 * _DAY),
    Past("ranking", "mio", "search", 16 * _DAY),
)


def write_history(url: str, began: datetime) -> None:
    """Make the tables of a new database and write the company's history up to `began`."""
    store = Store(url)
    try:
        migrate(store)
        with store.begin() as records:
            for past in HISTORY:
                _write(records, past, began)
    finally:
        store.close()


def working_days(since: datetime, until: datetime) -> Iterator[Span]:
    """Awake on working days, asleep at night and on the weekend: spans without a gap, as sleep makes them."""
    zone = ZoneInfo(ZONE)
    start = since
    while start < until:
        local = start.astimezone(zone)
        following = next(
            moment
            for day in range(4)
            for hour in (_MORNING, _EVENING)
            if (moment := (local + day * _DAY).replace(hour=hour, minute=0, second=0, microsecond=0)) > local
            and moment.weekday() < 5
        )
        end = min(following.astimezone(until.tzinfo), until)
        awake = local.weekday() < 5 and _MORNING <= local.hour < _EVENING
        yield Span(awake, start, end, REQUESTED)
        start = end


def _write(records: Records, past: Past, began: datetime) -> None:
    environment = _environment(past, began)
    records.environments.add(environment)
    _owner(records, environment)
    ended = began - (past.deleted or timedelta())
    for span in working_days(environment.created_at, ended):
        records.usage.add(_usage(environment.id, span))
    records.audit.add(_deed(environment, "create", environment.created_at))
    if past.deleted is not None:
        records.audit.add(_deed(environment, "delete", ended))


def _environment(past: Past, began: datetime) -> Environment:
    """One that lives is still to be made on the cluster; one that was deleted is only remembered."""
    owner, identity, created = slack_id("U", past.owner), new_id(), began - past.age
    lives = past.deleted is None
    last = began if lives else began - (past.deleted or timedelta())
    return Environment(
        id=identity,
        workspace_id=_WORKSPACE,
        owner_id=owner,
        owner_email=f"{past.owner}@harbour.example",
        team=past.team,
        name=past.name,
        title=past.name,
        cluster=CLUSTER,
        namespace=namespace_name(past.name, identity),
        template=SHOP,
        size="s",
        phase=Phase.PROVISIONING if lives else Phase.DELETED,
        wanted=Wanted.RUNNING if lives else Wanted.DELETED,
        steps=[] if lives else [step.value for step in Step],
        operation_by=owner,
        operation_at=last,
        created_at=created,
        expires_at=began + 5 * _DAY,
        expiry_set_at=created,
        last_activity_at=last,
        last_activity_by=f"<@{owner}>",
        last_activity_what="kubectl",
        due_at=began if lives else None,
    )


def _owner(records: Records, environment: Environment) -> None:
    records.people.keep_cluster_user(
        ClusterUser(
            workspace_id=environment.workspace_id,
            person_id=environment.owner_id,
            cluster=environment.cluster,
            service_account=service_account_name(environment.owner_id, environment.workspace_id),
            created_at=environment.created_at,
        )
    )


def _usage(environment_id: str, span: Span) -> UsageSpan:
    requested: Footprint = span.footprint
    return UsageSpan(
        environment_id=environment_id,
        awake=span.awake,
        started_at=span.started_at,
        ended_at=span.ended_at,
        cpu=requested.cpu,
        memory_gib=requested.memory_gib,
        storage_gib=requested.storage_gib,
        gpu=requested.gpu,
    )


def _deed(environment: Environment, action: str, at: datetime) -> AuditEvent:
    return AuditEvent(
        at=at,
        workspace_id=environment.workspace_id,
        actor=environment.owner_id,
        action=action,
        environment_id=environment.id,
        reason="made up by the demo",
    )
