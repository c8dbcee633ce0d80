"""The warning that goes before sleep: when, why, what last kept it awake, and buttons that answer it.

Once something came of it its buttons are gone and it says what, and by whom. Pure functions of facts.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.rules.words import Phase
from bot.seams.slack import Message
from handlers.blocks import Button, Confirm, actions, code, context, escape, header, message, person, section, whoever
from handlers.environments.buttons import NEVER_SLEEP, SLEEP, WHY, Subject, buttons, extend
from handlers.sleep.outcomes import IDLE, answered, listed, subject, text
from handlers.wording import money, parsed, when, zone

Facts = Mapping[str, Any]
_PODS_NAMED: Final = 5


def idle_warning(facts: Facts, tz: str) -> Message:
    """It falls asleep at the deadline unless it is used, or somebody clicks."""
    if facts.get("outcome"):
        return answered(facts, "Sleep warning", IDLE, tz)
    said = f"{code(text(facts, 'name'))} falls asleep {when(text(facts, 'deadline'), tz)} unless it is used."
    return message(
        said,
        [
            header("Going to sleep soon"),
            section(f"{said}\nNothing is lost: it wakes as it was, with one click."),
            *listed(facts, "stops", "What stops meanwhile"),
            *listed(facts, "keeps", "What keeps running"),
            context(_why(facts, tz)),
            *actions(_keeping(facts, tz)),
            *actions(_sleeping(facts)),
        ],
    )


def _keeping(facts: Facts, tz: str) -> list[Button]:
    known = subject(facts, Phase.RUNNING)
    return [
        extend(known, "2h", "Keep awake 2h"),
        _plain(extend(known, "4h", "Keep awake 4h")),
        *_until_morning(facts, known, tz),
    ]


def _until_morning(facts: Facts, known: Subject, tz: str) -> list[Button]:
    morning = parsed(text(facts, "morning"))
    if morning is None:
        return []
    label = f"Until {_morning(morning, parsed(text(facts, 'deadline')), tz)}"
    return [_plain(extend(known, "morning", label))]


def _morning(morning: datetime, deadline: datetime | None, tz: str) -> str:
    """What a morning is called in the evening before it, or before the weekend."""
    there = morning.astimezone(zone(tz))
    days = (there.date() - (deadline or morning).astimezone(zone(tz)).date()).days
    return {0: "the morning", 1: "tomorrow morning"}.get(days, f"{there:%A} morning")


def _sleeping(facts: Facts) -> list[Button]:
    known = subject(facts, Phase.RUNNING)
    sleep, never, why = buttons(known, [SLEEP, NEVER_SLEEP, WHY])
    return [sleep, *_ending_pods(facts, sleep), never, why]


def _ending_pods(facts: Facts, sleep: Button) -> list[Button]:
    pods = [str(pod) for pod in facts.get("pods") or []]
    if not pods:
        return []
    count = f"{len(pods)} pod{'' if len(pods) == 1 else 's'}"
    label = f"Sleep now, end {count}"
    named = ", ".join([*pods[:_PODS_NAMED], *(["…"] if len(pods) > _PODS_NAMED else [])])
    lost = f"Nothing brings {'it' if len(pods) == 1 else 'them'} back when it wakes: {named}. All else wakes as it was."
    asked = Confirm(f"End {count} for good?", lost, f"Sleep, end {count}", "Not now")
    ending = replace(sleep, label=label, value=f"{sleep.value} pods", style="danger", confirm=asked)
    return [replace(ending, spoken=f"{label}: {text(facts, 'name')}")]


def _why(facts: Facts, tz: str) -> str:
    at, who = when(text(facts, "last_activity_at"), tz), whoever(text(facts, "last_activity_by"))
    what = escape(text(facts, "last_activity_what"))
    rule = escape(text(facts, "rule")) or "nobody used it"
    cost = money(text(facts, "hourly"), text(facts, "currency"))
    price = f" Awake it costs {cost} an hour more than asleep." if facts.get("hourly") else ""
    return f"Why: by then {rule}. Last used {at} by {who}: {what}. Owner: {person(text(facts, 'owner_id'))}.{price}"


def _plain(button: Button) -> Button:
    """The same button without the weight of the first one."""
    return replace(button, style="")
