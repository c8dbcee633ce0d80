"""The first tables: environments, their journals and usage, notices, the audit log, people and their deliveries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import count, environment, flag, instant, json, text

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
    _access()
    _orphans()
    _pauses()
    _sources()
    _limits()
    _identities()
    _user_groups()
    _readings()
    _bulk()
    _visits()


def _environments() -> None:
    op.create_table("environment", *_what_it_is(), *_what_settles_its_sleep(), *_what_is_done_with_it())
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


def _what_it_is() -> list[sa.Column[Any]]:
    return [
        text("id", primary_key=True),
        *map(text, ("workspace_id", "owner_id", "owner_email")),
        text("team", nullable=True),
        text("bound_owner_id", nullable=True),
        *map(text, ("name", "title", "kind", "cluster", "namespace")),
        text("namespace_uid", nullable=True),
        *map(text, ("template", "size", "phase", "wanted")),
        *(text(name, nullable=True) for name in ("size_applied", "resize_key")),
        text("condition", nullable=True),
        json("steps"),
        count("operation"),
        text("operation_by"),
        text("operation_reason", nullable=True),
        *map(instant, ("operation_at", "created_at")),
    ]


def _what_settles_its_sleep() -> list[sa.Column[Any]]:
    return [
        *(instant(name, nullable=True) for name in ("expires_at", "expiry_set_at", "awake_until", "awake_since")),
        *(instant(name, nullable=True) for name in ("kept_until", "slept_at")),
        text("sleep_cycle", nullable=True),
        json("stops_pods"),
        text("working_hours", nullable=True),
        count("idle_after_s", nullable=True),
        *(text(name, nullable=True) for name in ("never_sleep_reason", "never_sleep_by")),
        *(text(name, nullable=True) for name in ("protected_by", "protected_reason")),
        instant("last_activity_at"),
        *map(text, ("last_activity_by", "last_activity_what")),
        json("kept_by"),
        instant("deadline_at", nullable=True),
        *(text(name, nullable=True) for name in ("deadline_rule", "warning_key", "expiry_key")),
        *(instant(name, nullable=True) for name in ("delete_at", "check_at", "due_at")),
    ]


def _what_is_done_with_it() -> list[sa.Column[Any]]:
    return [
        count("attempts"),
        text("claimed_by", nullable=True),
        instant("claimed_until", nullable=True),
        count("waiting_starts"),
        instant("waits_until", nullable=True),
        json("last_wakes"),
        text("ready", nullable=True),
        json("missing"),
        instant("released_at", nullable=True),
        text("released_by", nullable=True),
        *map(count, ("access_wanted", "access_done")),
        *map(json, ("bound", "mend", "added")),
    ]


def _journals() -> None:
    op.create_table(
        "journal_entry",
        text("id", primary_key=True),
        environment(),
        *map(text, ("cycle", "kind", "name", "uid")),
        json("original"),
        *map(text, ("state", "note")),
        count("reverts"),
        instant("at"),
        instant("starting_until", nullable=True),
    )
    op.create_index("ix_journal_entry_starting_until", "journal_entry", ["starting_until"])
    op.create_index("ix_journal_entry_environment_id", "journal_entry", ["environment_id"])
    op.create_index("one_entry_per_object", "journal_entry", ["environment_id", "cycle", "kind", "name"], unique=True)


def _usage() -> None:
    op.create_table(
        "usage_span",
        text("id", primary_key=True),
        environment(),
        flag("awake"),
        instant("started_at"),
        instant("ended_at", nullable=True),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("cpu", "memory_gib", "storage_gib", "gpu")),
    )
    for column in ("ended_at", "environment_id", "started_at"):
        op.create_index(f"ix_usage_span_{column}", "usage_span", [column])


def _sessions() -> None:
    op.create_table(
        "open_session",
        environment(primary_key=True),
        text("audit_id", primary_key=True),
        *map(text, ("by", "what")),
        instant("opened_at"),
        instant("closed_at", nullable=True),
    )
    op.create_index("ix_open_session_opened_at", "open_session", ["opened_at"])


def _notices() -> None:
    op.create_table(
        "notice",
        text("id", primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        text("workspace_id"),
        text("environment_id", nullable=True),
        text("kind"),
        *map(json, ("facts", "recipients")),
        text("state"),
        *map(count, ("version", "delivered_version")),
        *(text(name, nullable=True) for name in ("channel", "ts")),
        count("attempts"),
        text("error", nullable=True),
        instant("created_at"),
        *(instant(name, nullable=True) for name in ("delivered_at", "can_wait_until", "due_at")),
        text("claimed_by", nullable=True),
        instant("claimed_until", nullable=True),
    )
    for column in ("due_at", "environment_id"):
        op.create_index(f"ix_notice_{column}", "notice", [column])


def _pauses() -> None:
    op.create_table("pause", text("workspace_id", primary_key=True), *map(text, ("by", "reason")), instant("at"))


def _sources() -> None:
    op.create_table(
        "audit_source",
        text("cluster", primary_key=True),
        *(instant(name, nullable=True) for name in ("heard_at", "silent_since")),
        json("told"),
    )


def _readings() -> None:
    op.create_table(
        "cluster_reading",
        text("cluster", primary_key=True),
        instant("read_at", nullable=True),
        text("trouble"),
        count("nodes", nullable=True),
        *(sa.Column(name, sa.Float(), nullable=True) for name in ("cpu", "memory_gib")),
        text("traffic_trouble"),
    )


def _bulk() -> None:
    op.create_table(
        "bulk_plan",
        text("id", primary_key=True),
        *map(text, ("workspace_id", "by", "verb")),
        *map(json, ("args", "source")),
        instant("created_at"),
        *(instant(name, nullable=True) for name in ("begun_at", "ended_at", "due_at")),
        text("problem"),
    )
    for column in ("created_at", "due_at"):
        op.create_index(f"ix_bulk_plan_{column}", "bulk_plan", [column])
    op.create_table(
        "bulk_item",
        sa.Column("plan_id", sa.String(), sa.ForeignKey("bulk_plan.id"), nullable=False, primary_key=True),
        text("subject", primary_key=True),
        *map(text, ("name", "owner_id")),
        count("operation"),
        *map(text, ("state", "why")),
    )


def _visits() -> None:
    op.create_table(
        "visit",
        *(text(name, primary_key=True) for name in ("workspace_id", "person_id")),
        sa.Column("week", sa.DateTime(timezone=True), nullable=False, primary_key=True),
        instant("first_at"),
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        text("id", primary_key=True),
        instant("at"),
        *map(text, ("workspace_id", "actor", "action")),
        *(text(name, nullable=True) for name in ("environment_id", "person_id")),
        *map(json, ("before", "after")),
        *map(text, ("reason", "source_kind")),
        *(text(name, nullable=True) for name in ("source_channel", "source_message", "source_request")),
    )
    for column in ("at", "environment_id"):
        op.create_index(f"ix_audit_event_{column}", "audit_event", [column])
    for column in ("actor", "action", "person_id"):
        op.create_index(f"audit_of_{column}", "audit_event", [column, "at"])


def _people() -> None:
    op.create_table(
        "person",
        *(text(name, primary_key=True) for name in ("workspace_id", "id")),
        *map(text, ("home_workspace_id", "name")),
        text("email", nullable=True),
        flag("email_confirmed"),
        text("time_zone"),
        *map(flag, ("is_bot", "is_guest", "is_stranger", "is_deactivated")),
        instant("fetched_at"),
        instant("check_at", nullable=True),
    )
    op.create_index("ix_person_check_at", "person", ["check_at"])
    op.create_table("delivery", text("request_id", primary_key=True), instant("at"))
    op.create_index("ix_delivery_at", "delivery", ["at"])


def _access() -> None:
    op.create_table(
        "cluster_user",
        *(text(name, primary_key=True) for name in ("workspace_id", "person_id", "cluster")),
        text("service_account"),
        instant("created_at"),
    )
    op.create_table(
        "access_grant",
        environment(primary_key=True),
        text("subject", primary_key=True),
        text("access"),
        text("granted_by"),
        instant("granted_at"),
        instant("expires_at", nullable=True),
        text("notice_key"),
        flag("then_view"),
        instant("then_view_until", nullable=True),
    )
    op.create_index("ix_access_grant_subject", "access_grant", ["subject"])
    op.create_index("ix_access_grant_expires_at", "access_grant", ["expires_at"])
    op.create_table(
        "revocation",
        *(text(name, primary_key=True) for name in ("workspace_id", "person_id", "cluster")),
        *map(instant, ("asked_at", "due_at")),
        instant("claimed_until", nullable=True),
        text("error", nullable=True),
    )
    op.create_index("ix_revocation_due_at", "revocation", ["due_at"])


def _orphans() -> None:
    op.create_table(
        "orphan",
        environment(primary_key=True),
        *map(text, ("workspace_id", "because")),
        instant("since"),
        text("notice_key"),
        instant("due_at", nullable=True),
    )
    for column in ("workspace_id", "due_at"):
        op.create_index(f"ix_orphan_{column}", "orphan", [column])


def _limits() -> None:
    op.create_table(
        "limit_setting",
        *(text(name, primary_key=True) for name in ("workspace_id", "scope", "name", "limit")),
        text("value", nullable=True),
        text("set_by"),
        instant("set_at"),
    )
    op.create_table(
        "limit_request",
        text("id", primary_key=True),
        *map(text, ("workspace_id", "asker_id", "owner_id")),
        *(text(name, nullable=True) for name in ("team", "environment_id")),
        *map(json, ("wish", "excesses")),
        text("reason"),
        text("weekly", nullable=True),
        *map(text, ("currency", "approvers", "state")),
        *map(instant, ("asked_at", "expires_at")),
        text("decided_by", nullable=True),
        *(instant(name, nullable=True) for name in ("decided_at", "raised_until", "due_at")),
        text("remark"),
    )
    for column in ("asker_id", "due_at"):
        op.create_index(f"ix_limit_request_{column}", "limit_request", [column])
    op.create_table(
        "limit_raise",
        text("id", primary_key=True),
        *map(text, ("workspace_id", "scope", "name", "limit", "value", "request_id", "granted_by")),
        *map(instant, ("granted_at", "until")),
    )
    op.create_index("ix_limit_raise_name", "limit_raise", ["name"])


def _identities() -> None:
    of_person = [text(name, primary_key=True) for name in ("workspace_id", "person_id")]
    op.create_table("identity_mapping", *of_person, *map(text, ("email", "by")), instant("at"))
    op.create_table(
        "oidc_link",
        *(text(name, primary_key=True) for name in ("workspace_id", "person_id")),
        *map(text, ("issuer", "subject", "email")),
        json("groups"),
        instant("at"),
    )
    op.create_index("one_link_per_subject", "oidc_link", ["workspace_id", "issuer", "subject"], unique=True)
    op.create_table(
        "link_ticket",
        text("id", primary_key=True),
        *map(text, ("workspace_id", "person_id")),
        sa.Column("ticket_hash", sa.String(), nullable=False, unique=True),
        sa.Column("state_hash", sa.String(), nullable=True, unique=True),
        *(text(name, nullable=True) for name in ("browser_hash", "code_hash")),
        count("tries"),
        json("login"),
        text("stage"),
        *map(instant, ("created_at", "expires_at")),
    )
    for column in ("expires_at", "person_id"):
        op.create_index(f"ix_link_ticket_{column}", "link_ticket", [column])
    op.create_table(
        "identity_holder",
        *(text(name, primary_key=True) for name in ("workspace_id", "email")),
        text("person_id"),
        instant("at"),
    )
    op.create_table(
        "lost_identity",
        *(text(name, primary_key=True) for name in ("workspace_id", "person_id")),
        instant("since"),
        text("notice_key"),
    )


def _user_groups() -> None:
    op.create_table(
        "user_group",
        *(text(name, primary_key=True) for name in ("workspace_id", "id")),
        text("handle"),
        instant("read_at"),
    )
    op.create_table(
        "user_group_member", *(text(name, primary_key=True) for name in ("workspace_id", "group_id", "person_id"))
    )
    op.create_index("ix_user_group_member_person_id", "user_group_member", ["person_id"])
