"""How the audit log looks. Pure functions."""

import json
from collections.abc import Sequence
from typing import Any, Final

from bot.usecases.auditing import PER_PAGE, Page, changes, whom
from handlers.admin.audit_words import differing, label, told
from handlers.blocks import Block, Button, View, actions, code, escape, person, section, shorten
from handlers.ids import ActionId
from handlers.wording import phase_words, when
from store.audit import Audited, AuditQuery
from store.tables import AuditEvent

TITLE: Final = "Audit"
_SHOWN: Final = 8  # differences of one event
_FROM: Final = {"command": "by a command", "action": "by a button", "view": "by a form", "event": "told by Slack"}
_IDS: Final = 40  # of environments that a button carries


def page(found: Page, tz: str) -> View:
    """Some events, and the way to the others and to the file."""
    last = found.first + len(found.audited)
    range_ = f"{found.first + 1:,} to {last:,} of {found.total:,}, the newest first" if found.audited else "none"
    since = f" since {when(found.query.since, tz)}" if found.query.since else ""
    events = [_event(one, link, tz) for one, link in zip(found.audited, found.links, strict=True)]
    return View(TITLE, [section(f"*Events*{since}: {range_}"), *events, *actions(_buttons(found))])


def _event(one: Audited, link: str, tz: str) -> Block:
    event = one.event
    name = f" {code(one.name)}" if one.name else ""
    where = _FROM.get(event.source_kind, "by itself")
    linked = f"<{link}|{where}>" if link else where
    done = f"*{_done(event.action)}*{name}{_whom(one)}"
    who = f"{when(event.at, tz)} · {person(event.actor)} · {done} · {linked}"
    reason = f"\n{escape(shorten(event.reason, 200))}" if event.reason else ""
    return section(f"{who}{reason}{_differences(one.event, tz)}")


def _done(action: str) -> str:
    """What was done; of a phase, which it is from then on."""
    word, _, phase = action.partition(" ")
    return f"now {phase_words(phase)}" if word == "phase" else escape(shorten(action, 60))


def _whom(one: Audited) -> str:
    """Whom it was done to, where that is somebody else; whose the environment is."""
    found = whom(one.event)
    shares = {"subject"} & {*one.event.before, *one.event.after}
    word = "of" if one.name and not shares else "for"
    return f" {word} {person(found) if one.event.person_id else escape(shorten(found, 80))}" if found else ""


def _differences(event: AuditEvent, tz: str) -> str:
    before, after = changes(event)
    lines = [f"\n{_difference(key, (before[key], after[key]), event, tz)}" for key in list(before)[:_SHOWN]]
    more = f"\nand {len(before) - _SHOWN} more" if len(before) > _SHOWN else ""
    return f"{''.join(lines)}{more}"


def _difference(key: str, values: tuple[Any, Any], event: AuditEvent, tz: str) -> str:
    """What it was and what it is; of an event that only says what it did, that."""
    if not event.before:
        return f"{label(key)}: {told(key, values[1], tz, event.action)}"
    before, after = (told(key, value, tz, event.action) for value in differing(*values))
    return f"{label(key)}: {before} → {after}"


def _buttons(found: Page) -> Sequence[Button]:
    written = query_written(found.query)
    newer, older = found.first - PER_PAGE, found.first + PER_PAGE
    turns = [
        Button(ActionId.ADMIN_AUDIT_PAGE, label, f"{max(0, first)} {written}", spoken=f"{label} events")
        for label, first, there in (("Newer", newer, found.first > 0), ("Older", older, older < found.total))
        if there
    ]
    export = Button(ActionId.ADMIN_AUDIT_EXPORT, "Export as CSV", written, spoken="Export these events as a CSV file")
    return [*turns, *([export] if found.total else [])]


def query_written(query: AuditQuery) -> str:
    """A query as it stands in a button, which holds 2,000 characters."""
    environments = query.environments[:_IDS] if query.environments is not None else None
    times = {"since": query.since.isoformat() if query.since else None, "until": query.until.isoformat()}
    return json.dumps({**times, "person": query.person, "environments": environments, "steps": query.steps})
