"""What is answered to admins who read the audit log."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.admin import audit_views as views
from handlers.blocks import View
from handlers.call import Call, Modal
from handlers.environments.forms import loading, notice_view
from handlers.grammar import Command
from store.audit import AuditQuery


def audit(call: Call, command: Command) -> Modal:
    """/k8s admin audit"""
    return _modal(call, lambda: call.uses.auditing.asked(call.actor, command.given.get("what", "")), 0)


def audit_clicked(call: Call, value: str) -> Modal:
    """The button Audit, and those that turn its pages: `first query`, or nothing."""
    first, _, query = value.partition(" ")
    return _modal(call, lambda: _query(call, query), int(first) if first.isdecimal() else 0)


def export_clicked(call: Call, value: str) -> Modal:
    """The button Export as CSV."""
    return Modal(loading("Export", "Writing the file"), lambda: _exported(call, _query(call, value)))


def _modal(call: Call, asked: Any, first: int) -> Modal:
    def fill() -> View:
        return views.page(call.uses.auditing.page(call.actor, asked(), first), call.tz)

    return Modal(loading(views.TITLE, "Reading"), fill)


def _exported(call: Call, query: AuditQuery) -> View:
    held, total = call.uses.auditing.export(call.actor, query, call.source)
    left = f" These are the newest of {total:,}: ask for a shorter time to have the others." if total > held else ""
    text = f"The file with {held:,} events is in your direct messages with {call.berth}.{left}"
    return notice_view("Export", text)


def _query(call: Call, written: str) -> AuditQuery:
    """The query of a button; what is no query asks for the usual. It is never another workspace's."""
    try:
        found = json.loads(written)
        times = {word: datetime.fromisoformat(found[word]) for word in ("since", "until") if found.get(word)}
        known = AuditQuery(call.actor.workspace_id, times["until"], times.get("since"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return call.uses.auditing.asked(call.actor, "")
    environments = found.get("environments")
    return replace(
        known,
        person=found.get("person"),
        environments=tuple(environments) if environments is not None else None,
        steps=bool(found.get("steps")),
    )
