"""How doing something to many looks: who is concerned, and how far it is. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.rules.selection import Selection
from bot.rules.words import Verb
from bot.seams.slack import Message
from bot.usecases.bulk import Planned, Report, Shown
from handlers.blocks import (
    Block,
    Button,
    View,
    bullets,
    code,
    context,
    escape,
    message,
    people_field,
    person,
    question,
    section,
    sentence,
    shorten,
    text_input,
)
from handlers.ids import COMMAND, ActionId, BlockId, CallbackId
from handlers.wording import when

TITLE: Final = "What would happen"
_MOST: Final = 25  # named in one list; the rest is counted
_TOGETHER: Final = 8  # in one paragraph, which holds 3,000 characters
_ABOUT: Final = 1_000_000  # more than there can be


@dataclass(frozen=True)
class _Words:
    """How one verb is told: of those concerned, on the button, and when it is done."""

    would: str
    submit: str
    done: str


_WORDS: Final[Mapping[str, _Words]] = {
    Verb.SLEEP: _Words("would be put to sleep", "Put {} to sleep", "put to sleep"),
    Verb.WAKE: _Words("would be woken", "Wake {}", "woken"),
    Verb.EXTEND: _Words("would neither sleep nor end for {duration} from now", "Extend {}", "extended by {duration}"),
    Verb.TRANSFER: _Words("would be given to {to}", "Give away {}", "given to {to}"),
    Verb.DELETE: _Words("would be deleted, with all they hold", "Delete {}", "deleted"),
    Verb.ANNOUNCE: _Words("would be told", "Tell {}", "told"),
}
_UNKNOWN: Final = _Words("would be changed", "Change {}", "changed")


def plan(shown: Shown, tz: str) -> View:
    """Who would be concerned and who not, and what agrees to it."""
    if not shown.planned:
        lists = f"{code(f'{COMMAND} admin')} lists all there are."
        return View(TITLE, [section(f"*No environment is meant by that.* Nothing has happened yet. {lists}")])
    would = [one for one in shown.planned if not one.obstacle]
    words = _WORDS[shown.verb]
    text = f"{len(would):,} of {len(shown.planned):,} {_filled(words.would, shown.args)}."
    blocks = [
        section(f"*{text}* Nothing has happened yet."),
        *_listed("These would", [_used(one, tz) for one in would]),
        *_listed("These would not", [_left(one) for one in shown.planned if one.obstacle]),
    ]
    if not would:
        return View(TITLE, blocks)
    if shown.verb is Verb.DELETE:
        return _deleting(blocks, shown.plan_id, len(would))
    agreeing = context("Just these: what changes in the meantime is left, and told.")
    submit = words.submit.format(len(would))
    return View(TITLE, [*blocks, agreeing], CallbackId.ADMIN_BULK, submit, "Leave it", shown.plan_id)


def _deleting(blocks: Sequence[Block], plan_id: str, count: int) -> View:
    hint = f"Type {count}. Nothing of them can be brought back; asleep they keep everything."
    asked = question(BlockId.COUNT, "How many are deleted?", text_input(str(count), most=12), hint)
    return View(TITLE, [*blocks, asked], CallbackId.ADMIN_BULK_DELETE, f"Delete {count}", "Keep them", plan_id)


def whom(selection: Selection) -> View:
    """The form that asks who is given what a selection means."""
    hint = "You are shown first what they would be given."
    asked = question(BlockId.WHOM, "Who is to have them?", people_field(), hint)
    return View("Give away", [asked], CallbackId.ADMIN_BULK_WHOM, "Look", "Cancel", selection.written())


def begun(report: Report, berth: str) -> View:
    """It goes on by itself from here, or how it ended."""
    text = _progress(_facts(report))
    after = f"How it goes is told in your direct messages with {berth}; each owner is told in theirs."
    return View("Many at once", [section(text), context(after)])


def buttons(selection: Selection, total: int) -> list[Button]:
    """What can be done to all that a list means."""
    labels = {Verb.SLEEP: "Sleep…", Verb.WAKE: "Wake…", Verb.EXTEND: "Extend 1d…", Verb.TRANSFER: "Give away…"}
    written = selection.written()
    found = [
        Button(ActionId.ADMIN_BULK, label, f"{verb} {written}", spoken=_all(label)) for verb, label in labels.items()
    ]
    delete = Button(ActionId.ADMIN_BULK, "Delete…", f"{Verb.DELETE} {written}", "danger", _all("Delete…"))
    return [*found, delete] if total else []


def report(facts: Mapping[str, Any], tz: str) -> Message:
    """The message of kind `bulk`, to the admin."""
    text = _progress(facts)
    left = [_named(one) for one in facts.get("some") or []]
    count = _count(facts, "left")
    problem = [context(sentence(f"It waits: {facts['problem']}"))] if facts.get("problem") else []
    ended = [context(f"Ended {when(str(facts['ended']), tz)}.")] if facts.get("ended") else []
    title = "These were left, since they had changed or could not be done"
    more = [context(f"and {count - len(left):,} more")] if count > len(left) else []
    return message(text, [section(text), *_listed(title, left), *more, *problem, *ended])


def _progress(facts: Mapping[str, Any]) -> str:
    words = _WORDS.get(str(facts.get("verb")), _UNKNOWN)
    done, left, total = (_count(facts, key) for key in ("done", "left", "total"))
    what = _filled(words.done, facts.get("args") or {})
    still = max(0, total - done - left)
    unfinished = "" if facts.get("ended") else f" {still:,} {_are(still)} still to come."
    skipped = f" {left:,} {'was' if left == 1 else 'were'} left." if left else ""
    return f"*{done:,} of {total:,} {what}.*{skipped}{unfinished}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _facts(report: Report) -> dict[str, Any]:
    shown = {"total": report.total, "done": report.done, "left": report.left, "ended": report.plan.ended_at}
    return {**shown, "verb": report.plan.verb, "args": report.plan.args}


def _count(facts: Mapping[str, Any], key: str) -> int:
    value = facts.get(key)
    return min(value, _ABOUT) if isinstance(value, int) else 0


def _filled(text: str, args: Mapping[str, Any]) -> str:
    duration = escape(shorten(str(args.get("duration") or "a while"), 40))
    return text.format(duration=duration, to=person(str(args.get("to") or "")))


def _used(one: Planned, tz: str) -> str:
    found = one.environment
    return f"{code(found.name)} of {person(found.owner_id)}, last used {when(found.last_activity_at, tz)}"


def _left(one: Planned) -> str:
    return f"{code(one.environment.name)} of {person(one.environment.owner_id)}: {sentence(shorten(one.obstacle, 200))}"


def _named(one: Mapping[str, Any]) -> str:
    why = sentence(shorten(str(one.get("why") or "it had changed"), 200))
    owner = person(str(one.get("owner_id") or ""))
    return f"{code(str(one['name']))} of {owner}: {why}" if one.get("name") else f"{owner}: {why}"


def _listed(title: str, lines: Sequence[str]) -> list[Block]:
    """A list, in as many paragraphs as its first lines need."""
    shown, rest = lines[:_MOST], len(lines) - _MOST
    paragraphs = [bullets(shown[begin : begin + _TOGETHER], _TOGETHER) for begin in range(0, len(shown), _TOGETHER)]
    more = [context(f"and {rest:,} more")] if rest > 0 else []
    return [*([section(f"*{title}*")] if lines else []), *map(section, paragraphs), *more]


def _all(label: str) -> str:
    return f"{label} all that the list means"
