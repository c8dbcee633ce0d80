"""The first tables: environments, their journals and usage, notices, the audit log, people and their deliveries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first Berth."""
    _environments()
    _journals()
    _usage()
    _sessions()
    _notices()
    _audit()
    _people()
    _pauses()
    _sources()
    _limits()
    _identities()
    _user_groups()
    _readings()
    _bulk()
    _visits()


def _environments() -> None:
    op.create_table(
        "environment",
        _text("id", primary_key=True),
        *map(_text, ("workspace_id", "owner_id", "owner_email")),
        _text("team", nullable=True),
        _text("bound_owner_id", nullable=True),
        *map(_text, ("name", "title", "kind", "cluster", "namespace")),
        _text("namespace_uid", nullable=True),
        *map(_text, ("template", "size", "phase", "wanted")),
        *(_text(name, nullable=True) for name in ("size_applied", "resize_key")),
        _text("condition", nullable=True),
        _json("steps"),
        _count("operation"),
        _text("operation_by"),
        _text("operation_reason", nullable=True),
        *map(_instant, ("operation_at", "created_at")),
        *(_instant(name, nullable=True) for name in ("expires_at", "expiry_set_at", "awake_until", "awake_since")),
        *(_instant(name, nullable=True) for name in ("kept_until", "slept_at")),
        _text("sleep_cycle", nullable=True),
        _json("stops_pods"),
        _text("working_hours", nullable=True),
        _count("idle_after_s", nullable=True),
        *(_text(name, nullable=True) for name in ("never_sleep_reason", "never_sleep_by")),
        *(_text(name, nullable=True) for name in ("protected_by", "protected_reason")),
        _instant("last_activity_at"),
        *map(_text, ("last_activity_by", "last_activity_what")),
        _json("kept_by"),
        _instant("deadline_at", nullable=True),
        *(_text(name, nullable=True) for name in ("deadline_rule", "warning_key", "expiry_key")),
        *(_instant(name, nullable=True) for name in ("delete_at", "check_at", "due_at")),
        _count("attempts"),
        _text("claimed_by", nullable=True),
        _instant("claimed_until", nullable=True),
        _count("waiting_starts"),
        _instant("waits_until", nullable=True),
        _json("last_wakes"),
        _text("ready", nullable=True),
        _json("missing"),
        _instant("released_at", nullable=True),
        _text("released_by", nullable=True),
        *map(_count, ("access_wanted", "access_done")),
        *map(_json, ("bound", "mend", "added")),
    )
    for column in ("check_at", "due_at", "namespace", "owner_id", "team"):
        op.create_index(f"ix_environment_{column}", "environment", [column])
    op.create_index(
        "one_living_environment_per_name",
        "environment",
        ["workspace_id", "name"],
        unique=True,
        sqlite_where=sa.text("phase != 'DELETED'"),
        postgresql_where=sa.text("phase != 'DELETED'"),
    )


def _journals() -> None:
    op.create_table(
        "journal_entry",
        _text("id", primary_key=True),
        _environment(),
        *map(_text, ("cycle", "kind", "name", "uid")),
        _json("original"),
        *map(_text, ("state", "note")),
        _count("reverts"),
        _instant("at"),
        _instant("starting_until", nullable=True),
    )
    op.create_index("ix_journal_entry_starting_until", "journal_entry", ["starting_until"])
    op.create_index("ix_journal_entry_environment_id", "journal_entry", ["environment_id"])
    op.create_index("one_entry_per_object", "journal_entry", ["environment_id", "cycle", "kind", "name"], unique=True)


def _usage() -> None:
    op.create_table(
        "usage_span",
        _text("id", primary_key=True),
        _environment(),
        _flag("awake"),
        _instant("started_at"),
        _instant("ended_at", nullable=True),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("cpu", "memory_gib", "storage_gib", "gpu")),
    )
    for column in ("ended_at", "environment_id", "started_at"):
        op.create_index(f"ix_usage_span_{column}", "usage_span", [column])


def _sessions() -> None:
    op.create_table(
        "open_session",
        _environment(primary_key=True),
        _text("audit_id", primary_key=True),
        *map(_text, ("by", "what")),
        _instant("opened_at"),
        _instant("closed_at", nullable=True),
    )
    op.create_index("ix_open_session_opened_at", "open_session", ["opened_at"])


def _notices() -> None:
    op.create_table(
        "notice",
        _text("id", primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        _text("workspace_id"),
        _text("environment_id", nullable=True),
        _text("kind"),
        *map(_json, ("facts", "recipients")),
        _text("state"),
        *map(_count, ("version", "delivered_version")),
        *(_text(name, nullable=True) for name in ("channel", "ts")),
        _count("attempts"),
        _text("error", nullable=True),
        _instant("created_at"),
        *(_instant(name, nullable=True) for name in ("delivered_at", "can_wait_until", "due_at")),
        _text("claimed_by", nullable=True),
        _instant("claimed_until", nullable=True),
    )
    for column in ("due_at", "environment_id"):
        op.create_index(f"ix_notice_{column}", "notice", [column])


def _pauses() -> None:
    op.create_table("pause", _text("workspace_id", primary_key=True), *map(_text, ("by", "reason")), _instant("at"))


def _sources() -> None:
    op.create_table(
        "audit_source",
        _text("cluster", primary_key=True),
        *(_instant(name, nullable=True) for name in ("heard_at", "silent_since")),
        _json("told"),
    )


def _readings() -> None:
    op.create_table(
        "cluster_reading",
        _text("cluster", primary_key=True),
        _instant("read_at", nullable=True),
        _text("trouble"),
        _count("nodes", nullable=True),
        *(sa.Column(name, sa.Float(), nullable=True) for name in ("cpu", "memory_gib")),
        _text("traffic_trouble"),
    )


def _bulk() -> None:
    op.create_table(
        "bulk_plan",
        _text("id", primary_key=True),
        *map(_text, ("workspace_id", "by", "verb")),
        *map(_json, ("args", "source")),
        _instant("created_at"),
        *(_instant(name, nullable=True) for name in ("begun_at", "ended_at", "due_at")),
        _text("problem"),
    )
    for column in ("created_at", "due_at"):
        op.create_index(f"ix_bulk_plan_{column}", "bulk_plan", [column])
    op.create_table(
        "bulk_item",
        sa.Column("plan_id", sa.String(), sa.ForeignKey("bulk_plan.id"), nullable=False, primary_key=True),
        _text("subject", primary_key=True),
        *map(_text, ("name", "owner_id")),
        _count("operation"),
        *map(_text, ("state", "why")),
    )


def _visits() -> None:
    op.create_table(
        "visit",
        *(_text(name, primary_key=True) for name in ("workspace_id", "person_id")),
        sa.Column("week", sa.DateTime(timezone=True), nullable=False, primary_key=True),
        _instant("first_at"),
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        _text("id", primary_key=True),
        _instant("at"),
        *map(_text, ("workspace_id", "actor", "action")),
        _text("environment_id", nullable=True),
        *map(_json, ("before", "after")),
        *map(_text, ("reason", "source_kind")),
        *(_text(name, nullable=True) for name in ("source_channel", "source_message", "source_request")),
    )
    for column in ("at", "environment_id"):
        op.create_index(f"ix_audit_event_{column}", "audit_event", [column])
    for column in ("actor", "action"):
        op.create_index(f"audit_of_{column}", "audit_event", [column, "at"])


def _people() -> None:
    op.create_table(
        "person",
        *(_text(name, primary_key=True) for name in ("workspace_id", "id")),
        *map(_text, ("home_workspace_id", "name")),
        _text("email", nullable=True),
        _flag("email_confirmed"),
        _text("time_zone"),
        *map(_flag, ("is_bot", "is_guest", "is_stranger", "is_deactivated")),
        _instant("fetched_at"),
        _instant("check_at", nullable=True),
    )
    op.create_index("ix_person_check_at", "person", ["check_at"])
    op.create_table(
        "cluster_user",
        *(_text(name, primary_key=True) for name in ("workspace_id", "person_id", "cluster")),
        _text("service_account"),
        _instant("created_at"),
    )
    op.create_table(
        "access_grant",
        _environment(primary_key=True),
        _text("subject", primary_key=True),
        _text("access"),
        _text("granted_by"),
        _instant("granted_at"),
        _instant("expires_at", nullable=True),
        _text("notice_key"),
    )
    op.create_index("ix_access_grant_subject", "access_grant", ["subject"])
    op.create_index("ix_access_grant_expires_at", "access_grant", ["expires_at"])
    op.create_table(
        "orphan",
        _environment(primary_key=True),
        *map(_text, ("workspace_id", "because")),
        _instant("since"),
        _text("notice_key"),
        _instant("due_at", nullable=True),
    )
    for column in ("workspace_id", "due_at"):
        op.create_index(f"ix_orphan_{column}", "orphan", [column])
    op.create_table(
        "revocation",
        *(_text(name, primary_key=True) for name in ("workspace_id", "person_id", "cluster")),
        *map(_instant, ("asked_at", "due_at")),
        _text("error", nullable=True),
    )
    op.create_index("ix_revocation_due_at", "revocation", ["due_at"])
    op.create_table("delivery", _text("request_id", primary_key=True), _instant("at"))
    op.create_index("ix_delivery_at", "delivery", ["at"])


def _limits() -> None:
    op.create_table(
        "limit_setting",
        *(_text(name, primary_key=True) for name in ("workspace_id", "scope", "name", "limit")),
        _text("value", nullable=True),
        _text("set_by"),
        _instant("set_at"),
    )
    op.create_table(
        "limit_request",
        _text("id", primary_key=True),
        *map(_text, ("workspace_id", "asker_id", "owner_id")),
        *(_text(name, nullable=True) for name in ("team", "environment_id")),
        *map(_json, ("wish", "excesses")),
        _text("reason"),
        _text("weekly", nullable=True),
        *map(_text, ("currency", "approvers", "state")),
        *map(_instant, ("asked_at", "expires_at")),
        _text("decided_by", nullable=True),
        *(_instant(name, nullable=True) for name in ("decided_at", "raised_until", "due_at")),
        _text("remark"),
    )
    for column in ("asker_id", "due_at"):
        op.create_index(f"ix_limit_request_{column}", "limit_request", [column])
    op.create_table(
        "limit_raise",
        _text("id", primary_key=True),
        *map(_text, ("workspace_id", "scope", "name", "limit", "value", "request_id", "granted_by")),
        *map(_instant, ("granted_at", "until")),
    )
    op.create_index("ix_limit_raise_name", "limit_raise", ["name"])


def _identities() -> None:
    of_person = [_text(name, primary_key=True) for name in ("workspace_id", "person_id")]
    op.create_table("identity_mapping", *of_person, *map(_text, ("email", "by")), _instant("at"))
    op.create_table(
        "oidc_link",
        *(_text(name, primary_key=True) for name in ("workspace_id", "person_id")),
        *map(_text, ("issuer", "subject", "email")),
        _json("groups"),
        _instant("at"),
    )
    op.create_index("one_link_per_subject", "oidc_link", ["workspace_id", "issuer", "subject"], unique=True)
    op.create_table(
        "link_ticket",
        _text("id", primary_key=True),
        *map(_text, ("workspace_id", "person_id")),
        sa.Column("ticket_hash", sa.String(), nullable=False, unique=True),
        sa.Column("state_hash", sa.String(), nullable=True, unique=True),
        *(_text(name, nullable=True) for name in ("browser_hash", "code_hash")),
        _count("tries"),
        _json("login"),
        _text("stage"),
        *map(_instant, ("created_at", "expires_at")),
    )
    for column in ("expires_at", "person_id"):
        op.create_index(f"ix_link_ticket_{column}", "link_ticket", [column])
    op.create_table(
        "identity_holder",
        *(_text(name, primary_key=True) for name in ("workspace_id", "email")),
        _text("person_id"),
        _instant("at"),
    )


def _user_groups() -> None:
    op.create_table(
        "user_group",
        *(_text(name, primary_key=True) for name in ("workspace_id", "id")),
        _text("handle"),
        _instant("read_at"),
    )
    op.create_table(
        "user_group_member", *(_text(name, primary_key=True) for name in ("workspace_id", "group_id", "person_id"))
    )
    op.create_index("ix_user_group_member_person_id", "user_group_member", ["person_id"])


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _count(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _environment(*, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        "environment_id", sa.String(), sa.ForeignKey("environment.id"), nullable=False, primary_key=primary_key
    )
