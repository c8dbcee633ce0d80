"""How the audit log looks. Pure functions."""

import json
from collections.abc import Sequence
from typing import Any, Final

from bot.usecases.auditing import PER_PAGE, Page, changes
from handlers.blocks import Block, Button, View, actions, code, escape, person, section, shorten
from handlers.ids import ActionId
from handlers.wording import parsed, when
from store.audit import Audited, AuditQuery

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
    who = f"{when(event.at, tz)} · {person(event.actor)} · *{escape(shorten(event.action, 60))}*{name} · {linked}"
    reason = f"\n{escape(shorten(event.reason, 200))}" if event.reason else ""
    return section(f"{who}{reason}{_differences(one, tz)}")


def _differences(one: Audited, tz: str) -> str:
    before, after = changes(one.event)
    lines = [
        f"\n{escape(shorten(str(key), 40))}: {_value(before[key], tz)} → {_value(after[key], tz)}"
        for key in list(before)[:_SHOWN]
    ]
    more = f"\nand {len(before) - _SHOWN} more" if len(before) > _SHOWN else ""
    return f"{''.join(lines)}{more}"


def _value(value: Any, tz: str) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    instant = parsed(value) if isinstance(value, str) and value[:2] == "20" else None
    if instant is not None:
        return when(instant, tz)
    if isinstance(value, str) and person(value).startswith("<@"):
        return person(value)
    return code(value if isinstance(value, str) else json.dumps(value), 60)


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
    return json.dumps({**times, "actor": query.actor, "environments": environments, "steps": query.steps})
