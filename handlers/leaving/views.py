"""How it looks when somebody leaves: whoever is responsible now is told, and admins see what has no owner."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.rules.words import Wanted
from bot.seams.slack import Message
from handlers.blocks import Block, Button, actions, bullets, code, context, escape, header, message, person, section
from handlers.environments.views import phase_of
from handlers.ids import COMMAND, ActionId
from handlers.sleep.outcomes import text
from handlers.wording import phase_words, when
from store.tables import Environment, Orphan

Facts = Mapping[str, Any]
_MOST: Final = 25  # named in one list; the rest is counted
_BUTTONS: Final = 5


def left(facts: Facts, tz: str) -> Message:
    """Somebody has left: what they leave behind, when it falls asleep, and what can be done."""
    who = f"{escape(text(facts, 'person') or 'Somebody')} ({person(text(facts, 'person_id'))})"
    taken_back = "What was shared with that team" if facts.get("stays") else "What was shared with them"
    back = " reaches them no more." if facts.get("stays") else " is taken back."
    said = f"{who} {escape(text(facts, 'because') or 'has left')}. {taken_back}{back}"
    rows = [row for row in facts.get("environments") or [] if isinstance(row, dict)]
    became = facts.get("became") or {}
    lines = [_line(row, became.get(row.get("id")), tz) for row in rows]
    return message(
        said,
        [
            header("Environments without an owner"),
            section(said),
            section(f"{_asleep_when(facts, tz)}\n{bullets(lines, _MOST)}"),
            *actions(_takes(rows, became)),
            *_advice(rows, became),
        ],
    )


def unowned(facts: Facts, tz: str) -> Message:
    """To somebody who is still there: what they made in a team is nobody's since they are in it no more."""
    because = text(facts, "because").replace("left ", "are no longer in ", 1) or "are no longer in its team"
    names = [code(text(row, "name")) for row in facts.get("environments") or [] if isinstance(row, dict)]
    sleeps = f" Falls asleep {when(text(facts, 'sleeps_at'), tz)}." if facts.get("sleeps_at") else ""
    said = f"You {escape(because)}, so somebody else has to own what you made there.{sleeps}"
    give = code(f"{COMMAND} transfer NAME @colleague")
    return message(
        said,
        [
            section(f"{said}\n{bullets(names, _MOST)}"),
            context(f"{give} gives one to a colleague. Who answers for the team was told; nothing is lost by sleep."),
        ],
    )


def _asleep_when(facts: Facts, tz: str) -> str:
    if not facts.get("sleeps_at"):
        return "These were theirs:"
    return f"These were theirs, and fall asleep {when(text(facts, 'sleeps_at'), tz)}. Nothing in them is lost by that:"


def _line(row: Facts, became: Any, tz: str) -> str:
    name = code(text(row, "name"))
    return f"{name}: {_became(became, tz)}" if isinstance(became, dict) else name


def _became(became: Facts, tz: str) -> str:
    at = when(text(became, "at"), tz)
    match became.get("kind"):
        case "back":
            return f"its owner is back since {at}"
        case "taken":
            return f"belongs to {person(text(became, 'to'))} since {at}"
        case "gone":
            return f"deleted since {at}"
        case "kept":
            return f"stays awake: {escape(text(became, 'because'))}{_end(became, tz)}"
        case _:
            return f"asleep since {at}{_end(became, tz)}"


def _end(became: Facts, tz: str) -> str:
    return f"; it ends {when(text(became, 'ends_at'), tz)}" if became.get("ends_at") else ""


def _takes(rows: Sequence[Facts], became: Facts) -> list[Button]:
    """One button for each of the first that still have no owner."""
    names = [(text(row, "id"), text(row, "name")) for row in rows if not _is_settled(row, became)]
    return [
        Button(ActionId.ENVIRONMENT_TAKE, f"Take over {name}", row_id, spoken=f"Become the owner of {name}")
        for row_id, name in names[:_BUTTONS]
    ]


def _is_settled(row: Facts, became: Facts) -> bool:
    """Whether it has an owner again, or is gone. What sleeps may still be taken over."""
    of_this = became.get(text(row, "id"))
    return isinstance(of_this, dict) and of_this.get("kind") in ("back", "taken", "gone")


def _advice(rows: Sequence[Facts], became: Facts) -> list[Block]:
    waiting = [row for row in rows if not _is_settled(row, became)]
    if not waiting:
        return []
    name = text(waiting[0], "name")
    give, wake = code(f"{COMMAND} transfer {name} @colleague"), code(f"{COMMAND} delete {name}")
    return [context(f"{give} gives one to somebody else; {wake} removes it for good.")]


def taken(row: Environment, *, changed: bool) -> Message:
    """Somebody owns what had no owner."""
    if not changed:
        return message(f"{code(row.name)} is yours already.")
    wake = code(f"{COMMAND} wake {row.name}")
    text_of_it = f"{code(row.name)} is yours now, with all it holds."
    return message(text_of_it, [section(text_of_it), context(f"If it sleeps, {wake} wakes it as it was.")])


def orphans(found: Sequence[tuple[Environment, Orphan]], tz: str) -> Message:
    """Everything that has lost its owner."""
    if not found:
        return message("Every environment has its owner.")
    one = len(found) == 1
    text_of_all = f"{len(found)} {'environment has lost its' if one else 'environments have lost their'} owner."
    lines = [_orphan(row, orphan, tz) for row, orphan in found]
    give = code(f"{COMMAND} transfer {found[0][0].name} @colleague")
    blocks = [section(f"{text_of_all}\n{bullets(lines, _MOST)}"), context(f"{give} gives it one.")]
    return message(text_of_all, [header("Without an owner"), *blocks])


def _orphan(row: Environment, orphan: Orphan, tz: str) -> str:
    lasts = row.expires_at is not None and row.wanted is not Wanted.DELETED
    ends = f", ends {when(row.expires_at, tz)}" if lasts and row.expires_at else ""
    owner = f"{person(row.owner_id)} {escape(orphan.because)}, known since {when(orphan.since, tz)}"
    return f"{code(row.name)} is {phase_words(phase_of(row))}{ends}: {owner}"
