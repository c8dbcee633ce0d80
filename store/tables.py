"""The tables. A row is a plain value once its transaction has ended; only a transaction of `store.database` changes it.

Columns named `due_at` and `check_at` are what the timed passes look for; they are indexed, so that a pass costs what is
due, not what exists.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.rules.words import (
    AccessLevel,
    ItemState,
    JournalState,
    LinkStage,
    NoticeState,
    Phase,
    RequestState,
    Verb,
    Wanted,
)
from store.columns import Instant, Word


def new_id() -> str:
    """A fresh id: 16 lower-case hex digits, valid as a label value and as a part of a Kubernetes name."""
    return secrets.token_hex(8)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of the type Instant."""
    return Field(default=None, sa_column=Column(Instant, nullable=nullable, index=index))


def word(default: StrEnum) -> Any:
    """A column of one of the words of `default`'s kind."""
    return Field(default=default, sa_column=Column(Word(type(default)), nullable=False))


def document(default: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A JSON column that starts empty. Assign a new value to change it: changes inside are not seen."""

    def empty() -> Any:
        """Not `default` itself: pydantic asks for its signature, which takes a built-in type 0.3 ms to tell."""
        return default()

    return Field(default_factory=empty, sa_column=Column(JSON, nullable=False))


class Environment(SQLModel, table=True):
    """One owner's named workspace on a cluster."""

    __tablename__ = "environment"
    __table_args__ = (
        # A name is free again once its environment is deleted.
        Index(
            "one_living_environment_per_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=text("phase != 'DELETED'"),
            postgresql_where=text("phase != 'DELETED'"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    owner_id: str = Field(index=True)
    owner_email: str
    team: str | None = Field(default=None, index=True)
    bound_owner_id: str | None = None  # whose access and labels stand on the cluster
    name: str  # as looked up: bot.rules.names.slug of what was typed
    title: str  # as typed
    kind: str = "namespace"
    cluster: str
    namespace: str = Field(index=True)
    namespace_uid: str | None = None
    template: str
    size: str
    size_applied: str | None = None  # the size that quota and limit range on the cluster are of
    resize_key: str | None = None  # the message of the newest change of its size

    phase: Phase = word(Phase.PROVISIONING)
    wanted: Wanted = word(Wanted.RUNNING)
    condition: str | None = None  # what is wrong now, in words for people
    steps: list[str] = document(list)  # Steps done of the making
    operation: int = 0  # counts what was asked for; one progress message each
    operation_by: str  # Slack id, or "berth" for what time does
    operation_reason: str | None = None
    operation_at: datetime = instant()

    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    expiry_set_at: datetime | None = instant(nullable=True)  # warnings that would lie before it are not due
    kept_until: datetime | None = instant(nullable=True)  # asleep for however long, it does not end before
    awake_until: datetime | None = instant(nullable=True)
    awake_since: datetime | None = instant(nullable=True)
    slept_at: datetime | None = instant(nullable=True)
    sleep_cycle: str | None = None
    stops_pods: list[str] = document(list)  # pods without a controller that end with this sleep, as was agreed

    # What its people have settled about sleep; what is None follows template, team and company.
    working_hours: str | None = None  # as bot.rules.working_hours writes them
    idle_after_s: int | None = None  # seconds
    never_sleep_reason: str | None = None  # time does not put it to sleep
    never_sleep_by: str | None = None
    protected_by: str | None = None  # the admin by whose wish it neither sleeps nor is deleted
    protected_reason: str | None = None

    last_activity_at: datetime = instant()
    last_activity_by: str
    last_activity_what: str

    kept_by: list[str] = document(list)  # what goes on, or is not known, and kept it awake when last judged

    deadline_at: datetime | None = instant(nullable=True)  # falls asleep then, unless used
    deadline_rule: str | None = None  # why then, in words
    warning_key: str | None = None  # the idle warning of that deadline, and while asleep the one that went before
    expiry_key: str | None = None  # the newest warning of its end
    delete_at: datetime | None = instant(nullable=True)  # its end has come: it is deleted then unless it is restored
    check_at: datetime | None = instant(nullable=True, index=True)  # when idleness or expiry must be judged next

    due_at: datetime | None = instant(nullable=True, index=True)  # reconcile looks next then; None: as wanted
    attempts: int = 0  # failures in a row of the present operation
    claimed_by: str | None = None
    claimed_until: datetime | None = instant(nullable=True)
    waiting_starts: int = 0  # workloads that wait for their turn to be started,
    waits_until: datetime | None = instant(nullable=True)  # unless it asks again by then, it does not count as waiting
    last_wakes: list[float] = document(list)  # how long its last wakes took, in seconds, newest last
    ready: str | None = None  # how much of what wakes or is made is ready, as `3/5`,
    missing: list[str] = document(list)  # and what is not, with why
    released_at: datetime | None = instant(nullable=True)  # when the last pass ended; None while one goes on
    released_by: str | None = None  # the process that it ran in

    access_wanted: int = 0  # counts changes of who has access,
    access_done: int = 0  # and the one that the cluster has: they differ while its bindings have to follow
    bound: list[str] = document(list)  # who the bindings name, as bot.usecases.holders.written has them
    mend: list[str] = document(list)  # what was changed by hand and has to be put back: `ResourceQuota/berth`
    added: list[str] = document(list)  # role bindings of others in it that its people were told of


class JournalEntry(SQLModel, table=True):
    """One object of a sleep cycle, with what wake has to restore. Written before the first change."""

    __tablename__ = "journal_entry"
    __table_args__ = (Index("one_entry_per_object", "environment_id", "cycle", "kind", "name", unique=True),)

    id: str = Field(default_factory=new_id, primary_key=True)
    environment_id: str = Field(foreign_key="environment.id", index=True)
    cycle: str
    kind: str  # a key of bot.rules.workloads.KINDS
    name: str
    uid: str
    original: dict[str, Any] = document(dict)  # {"replicas": 3} or {"suspend": false}
    state: JournalState = word(JournalState.PLANNED)
    reverts: int = 0  # how often what follows a git has started it again
    note: str = ""
    at: datetime = instant()
    starting_until: datetime | None = instant(nullable=True, index=True)  # it counts as being started until then


class UsageSpan(SQLModel, table=True):
    """A stretch of time in which an environment was awake or asleep and requested a constant amount.

    For an asleep span, `cpu`, `memory_gib` and `gpu` are what it requested when it fell asleep: what sleeping saves.
    """

    __tablename__ = "usage_span"

    id: str = Field(default_factory=new_id, primary_key=True)
    environment_id: str = Field(foreign_key="environment.id", index=True)
    awake: bool
    started_at: datetime = instant(index=True)
    ended_at: datetime | None = instant(nullable=True, index=True)
    cpu: float = 0.0  # cores requested
    memory_gib: float = 0.0  # GiB requested
    storage_gib: float = 0.0  # GiB claimed; paid awake and asleep
    gpu: float = 0.0  # GPUs requested


class OpenSession(SQLModel, table=True):
    """A shell, an attachment or a forwarded port in an environment, from the cluster's audit events.

    The id is the one that both ends of a session share. A row whose end is known stays for a while: ends may come
    before beginnings, and anything may come twice.
    """

    __tablename__ = "open_session"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    audit_id: str = Field(primary_key=True)
    by: str  # as in Environment.last_activity_by
    what: str
    opened_at: datetime = instant(index=True)
    closed_at: datetime | None = instant(nullable=True)


class Notice(SQLModel, table=True):
    """A message people should see, and how much of it Slack has. Its facts may change; then Slack's copy is updated."""

    __tablename__ = "notice"

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True)  # the purpose and its deadline: said once
    workspace_id: str
    environment_id: str | None = Field(default=None, index=True)
    kind: str  # a key of handlers.notices
    facts: dict[str, Any] = document(dict)
    recipients: list[str] = document(list)  # Slack user and channel ids, tried in this order
    state: NoticeState = word(NoticeState.PENDING)
    version: int = 1
    delivered_version: int = 0
    channel: str | None = None
    ts: str | None = None
    attempts: int = 0
    error: str | None = None
    created_at: datetime = instant()
    delivered_at: datetime | None = instant(nullable=True)
    can_wait_until: datetime | None = instant(nullable=True)  # for whoever is not to be disturbed; None: not at all
    due_at: datetime | None = instant(nullable=True, index=True)
    claimed_by: str | None = None
    claimed_until: datetime | None = instant(nullable=True)


class AuditEvent(SQLModel, table=True):
    """Who did what, when, to what, from where; before and after. Only ever added to, and forgotten when it is old."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("audit_of_actor", "actor", "at"), Index("audit_of_action", "action", "at"))

    id: str = Field(default_factory=new_id, primary_key=True)
    at: datetime = instant(index=True)
    workspace_id: str
    actor: str  # Slack id, or "berth"
    action: str
    environment_id: str | None = Field(default=None, index=True)
    before: dict[str, Any] = document(dict)
    after: dict[str, Any] = document(dict)
    reason: str = ""
    source_kind: str = "time"
    source_channel: str | None = None
    source_message: str | None = None
    source_request: str | None = None


class Person(SQLModel, table=True):
    """What Slack says of a user, kept for a while so that a command need not ask again."""

    __tablename__ = "person"

    workspace_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    home_workspace_id: str
    name: str
    email: str | None = None
    email_confirmed: bool = False
    time_zone: str = "UTC"
    is_bot: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False
    fetched_at: datetime = instant()
    check_at: datetime | None = instant(nullable=True, index=True)  # when Slack is asked next who they are


class ClusterUser(SQLModel, table=True):
    """The Kubernetes subject a person is on a cluster: a ServiceAccount in Berth's own namespace."""

    __tablename__ = "cluster_user"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    cluster: str = Field(primary_key=True)
    service_account: str
    created_at: datetime = instant()


class AccessGrant(SQLModel, table=True):
    """What the owner of an environment lets somebody else do in it, realised as a RoleBinding. The owner needs none."""

    __tablename__ = "access_grant"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    subject: str = Field(primary_key=True, index=True)  # a Slack id, or as store.people.team_subject writes a team
    access: AccessLevel = word(AccessLevel.VIEW)
    granted_by: str  # Slack id
    granted_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True, index=True)  # None: until it is taken back
    notice_key: str = ""  # what its people were told of it begins with this


class Revocation(SQLModel, table=True):
    """That all tokens a person was given on a cluster must end; the row goes when they have."""

    __tablename__ = "revocation"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    cluster: str = Field(primary_key=True)
    asked_at: datetime = instant()
    due_at: datetime = instant(index=True)
    error: str | None = None  # why the last try failed, in words for people


class Delivery(SQLModel, table=True):
    """A Slack delivery that was handled, so that the same one coming again changes nothing."""

    __tablename__ = "delivery"

    request_id: str = Field(primary_key=True)
    at: datetime = instant(index=True)


class AuditSource(SQLModel, table=True):
    """When a cluster's API server last told what people do there, and whether somebody was told that it is silent."""

    __tablename__ = "audit_source"

    cluster: str = Field(primary_key=True)
    heard_at: datetime | None = instant(nullable=True)
    silent_since: datetime | None = instant(nullable=True)
    told: list[str] = document(list)  # the keys of the messages that told of the silence


class Pause(SQLModel, table=True):
    """That an admin has stopped everything that time does in a workspace: no sleep and no deletion until it ends."""

    __tablename__ = "pause"

    workspace_id: str = Field(primary_key=True)
    by: str
    reason: str = ""
    at: datetime = instant()


class Orphan(SQLModel, table=True):
    """That the owner of an environment has left: who was told of it, and what is still to be done because of it."""

    __tablename__ = "orphan"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    workspace_id: str = Field(index=True)
    because: str  # why the owner counts as gone, in words
    since: datetime = instant()
    notice_key: str  # what its people are told; it sleeps only after that is delivered
    due_at: datetime | None = instant(nullable=True, index=True)  # None: it sleeps, and its end is set


class LimitSetting(SQLModel, table=True):
    """A limit that an admin has set in Slack; it goes before what berth.yaml says."""

    __tablename__ = "limit_setting"

    workspace_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)  # a bot.rules.limits.ScopeKind
    name: str = Field(primary_key=True)  # a Slack id, a team or a cluster
    limit: str = Field(primary_key=True)  # a bot.rules.limits.Limit
    value: str | None = None  # a number in the limit's own unit; None: it does not hold
    set_by: str  # Slack id
    set_at: datetime = instant()


class LimitRequest(SQLModel, table=True):
    """Somebody's request for more than a limit allows, what they asked for, and what became of it."""

    __tablename__ = "limit_request"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    asker_id: str = Field(index=True)
    owner_id: str  # whose limits they are: the environment's owner, or the asker
    team: str | None = None
    environment_id: str | None = None
    wish: dict[str, Any] = document(dict)  # a bot.usecases.wishes.Wish
    excesses: list[dict[str, Any]] = document(list)  # what it would exceed, when it was asked for
    reason: str
    weekly: str | None = None  # what a week of it costs at the most
    currency: str = ""
    approvers: str  # a bot.rules.approvals.Approvers
    state: RequestState = word(RequestState.PENDING)
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    decided_by: str | None = None  # Slack id
    decided_at: datetime | None = instant(nullable=True)
    raised_until: datetime | None = instant(nullable=True)  # None: approved for this once
    remark: str = ""  # why it was denied, or what kept it from being carried out
    due_at: datetime | None = instant(nullable=True, index=True)  # it expires then, or is carried out


class LimitRaise(SQLModel, table=True):
    """A limit that was raised for a while, because a request was approved so."""

    __tablename__ = "limit_raise"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    scope: str
    name: str = Field(index=True)
    limit: str
    value: str
    request_id: str
    granted_by: str  # Slack id
    granted_at: datetime = instant()
    until: datetime = instant()


class IdentityMapping(SQLModel, table=True):
    """That an admin says who a Slack user is."""

    __tablename__ = "identity_mapping"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    email: str  # as bot.rules.emails.key writes it
    by: str  # Slack id of the admin
    at: datetime = instant()


class OidcLink(SQLModel, table=True):
    """That a Slack user has proven, and confirmed in Slack, who they are to the company's login."""

    __tablename__ = "oidc_link"
    __table_args__ = (Index("one_link_per_subject", "workspace_id", "issuer", "subject", unique=True),)

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    issuer: str
    subject: str
    email: str
    groups: list[str] = document(list)
    at: datetime = instant()


class LinkTicket(SQLModel, table=True):
    """A link being made: a URL that was given, a login that was begun, or one that waits to be confirmed in Slack.

    What opens each of these doors is kept only as a hash, and each opens once.
    """

    __tablename__ = "link_ticket"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    person_id: str = Field(index=True)
    ticket_hash: str = Field(unique=True)
    state_hash: str | None = Field(default=None, unique=True)  # the login was begun
    browser_hash: str | None = None  # in the browser that has this
    code_hash: str | None = None  # the login succeeded, and that browser shows this code
    tries: int = 0  # wrong codes
    login: dict[str, Any] = document(dict)  # issuer, subject, email, groups: who logged in
    stage: LinkStage = word(LinkStage.GIVEN)
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)


class IdentityHolder(SQLModel, table=True):
    """Which Slack user an e-mail is, so that a second one does not become the same person."""

    __tablename__ = "identity_holder"

    workspace_id: str = Field(primary_key=True)
    email: str = Field(primary_key=True)  # as bot.rules.emails.key writes it
    person_id: str
    at: datetime = instant()


class UserGroup(SQLModel, table=True):
    """A user group of Slack, as it last was."""

    __tablename__ = "user_group"

    workspace_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    handle: str
    read_at: datetime = instant()


class UserGroupMember(SQLModel, table=True):
    """That somebody is in a user group of Slack."""

    __tablename__ = "user_group_member"

    workspace_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, index=True)


class ClusterReading(SQLModel, table=True):
    """What was last read of a cluster. Nothing depends on it but what admins are shown."""

    __tablename__ = "cluster_reading"

    cluster: str = Field(primary_key=True)
    read_at: datetime | None = instant(nullable=True)  # when it last answered
    trouble: str = ""  # why it did not when it was last asked
    nodes: int | None = None  # None: Berth may not list them
    cpu: float | None = None  # cores that its nodes have for pods
    memory_gib: float | None = None  # likewise GiB
    traffic_trouble: str = ""  # why its traffic could not be read when it was last asked for


class BulkPlan(SQLModel, table=True):
    """What an admin was shown that would be done to many at once; if they agree, exactly that is done."""

    __tablename__ = "bulk_plan"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    by: str  # Slack id
    verb: Verb = word(Verb.SLEEP)
    args: dict[str, str] = document(dict)  # what the verb needs: a duration, a person, a text
    source: dict[str, Any] = document(dict)  # where the admin agreed, for the audit log
    created_at: datetime = instant(index=True)
    begun_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True, index=True)  # whoever looks then goes on with it
    problem: str = ""  # why it does not go on


class BulkItem(SQLModel, table=True):
    """One of many: an environment, or a person who is told something."""

    __tablename__ = "bulk_item"

    plan_id: str = Field(foreign_key="bulk_plan.id", primary_key=True)
    subject: str = Field(primary_key=True)  # an environment's id, or a Slack id
    name: str
    owner_id: str
    operation: int = 0  # the environment's when it was shown
    state: ItemState = word(ItemState.PLANNED)
    why: str = ""  # it was left


class Visit(SQLModel, table=True):
    """That somebody was there in a week, and when for the first time in it."""

    __tablename__ = "visit"

    workspace_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    week: datetime = Field(sa_column=Column(Instant, primary_key=True))  # its Monday, as bot.rules.adoption has it
    first_at: datetime = instant()
