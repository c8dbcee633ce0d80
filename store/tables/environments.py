"""Environments, and what is remembered of one: what its sleep has to restore, and that its owner has left."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from bot.rules.words import JournalState, Phase, Wanted
from store.tables.fields import document, instant, new_id, word


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


class Orphan(SQLModel, table=True):
    """That the owner of an environment has left: who was told of it, and what is still to be done because of it."""

    __tablename__ = "orphan"

    environment_id: str = Field(foreign_key="environment.id", primary_key=True)
    workspace_id: str = Field(index=True)
    because: str  # why the owner counts as gone, in words
    since: datetime = instant()
    notice_key: str  # what its people are told; it sleeps only after that is delivered
    due_at: datetime | None = instant(nullable=True, index=True)  # None: it sleeps, and its end is set
