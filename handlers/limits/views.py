"""How limits look, and what is told of them. Pure functions of facts.

Facts come out of the database, perhaps written by an older Berth, so nothing here fails for one that is missing.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.rules.words import Phase, RequestState, capital
from bot.seams.slack import Message
from handlers.blocks import (
    Block,
    Button,
    actions,
    bullets,
    code,
    context,
    escape,
    message,
    person,
    quotation,
    section,
    sentence,
)
from handlers.environments.buttons import WAKE, Subject, buttons
from handlers.ids import COMMAND, ActionId
from handlers.limits.asking import ask_for_more
from handlers.wording import money, when

Facts = Mapping[str, Any]

_UNDECIDED: Final[Mapping[str, str]] = {
    RequestState.EXPIRED: "Expired: nobody decided in time. Ask again if it is still needed.",
    RequestState.ENDED: "Ended: nobody has to decide any more.",
}


def held_back(facts: Facts, tz: str) -> Message:
    """A schedule would have woken it, but for a limit."""
    name, outcome = code(_text(facts, "name")), facts.get("outcome") or {}
    if outcome:
        return message(f"{name} woke {when(_text(outcome, 'at'), tz)}, when there was room again.")
    text = f"{name} stays asleep: its working hours have begun, but it is more than its limits allow."
    why = [_sentence(one) for one in facts.get("why") or []]
    wish = facts.get("wish") or {}
    subject = Subject(_text(facts, "environment_id"), _text(facts, "name"), Phase.SLEEPING)
    return message(
        text,
        [
            section(f"*{text}*\n{bullets(why)}"),
            *actions([*([ask_for_more(wish)] if wish else []), *buttons(subject, [WAKE])]),
            context("It wakes by itself as soon as there is room. Put to sleep what nobody needs, or ask for more."),
        ],
    )


def approval(facts: Facts, tz: str) -> Message:
    """Somebody asks for more than a limit allows. Whether who sees it may decide, the click finds out."""
    state, line = _text(facts, "state"), code(f"{COMMAND} {_text(facts, 'line')}", 200)
    asker = person(_text(facts, "asker"))
    text = f"{asker} asks for {line}"
    why = [_sentence(one) for one in facts.get("why") or []]
    pending = state == RequestState.PENDING and not facts.get("moved")
    outcome = [] if pending else [section(f"*{_outcome(facts, tz)}*"), *_remark(facts)]
    return message(
        f"{text}." if pending else f"{text}. {_whole(facts, tz)}",
        [
            section(f"*{text}*\n{bullets(why)}"),
            section("*Why*"),
            quotation(_text(facts, "reason")),
            *outcome,
            context(_small_print(facts, tz)),
            *actions(_decisions(_text(facts, "request_id")) if pending else []),
        ],
    )


def answer(facts: Facts, tz: str) -> Message:
    """What came of one's request."""
    line = code(f"{COMMAND} {_text(facts, 'line')}", 200)
    if facts.get("unheard"):
        text = f"Nobody could be reached who decides about {line}."
        return message(text, [section(f"*{text}*\nTell a lead of your team or an admin yourself.")])
    asked = f"{line}, asked for by {person(_text(facts, 'asker'))}:"
    said = f"{asked} {_outcome(facts, tz)}"
    return message(f"{asked} {_whole(facts, tz)}", [section(said), *_remark(facts)])


def _decisions(request_id: str) -> list[Button]:
    return [
        Button(ActionId.LIMIT_APPROVE, "Approve once", request_id, "primary", spoken="Approve this once"),
        Button(ActionId.LIMIT_APPROVE_UNTIL, "Approve until…", request_id, spoken="Approve for some time"),
        Button(ActionId.LIMIT_DENY, "Deny…", request_id, "danger", spoken="Deny with a reason"),
    ]


def _remark(facts: Facts) -> list[Block]:
    """What is told of it besides: why not, in the words of whoever denied it; or what it failed for, in ours."""
    said = _text(facts, "remark")
    if not said:
        return []
    return [quotation(said) if _text(facts, "state") == RequestState.DENIED else section(sentence(said))]


def _whole(facts: Facts, tz: str) -> str:
    """The same in one line, for a notification."""
    denied, said = _text(facts, "state") == RequestState.DENIED, _text(facts, "remark")
    return f"{_outcome(facts, tz)} {escape(said) if denied else sentence(said)}".strip()


def _outcome(facts: Facts, tz: str) -> str:
    """What came of a request; of one that is not decided, where it has gone to."""
    by = person(_text(facts, "by"))
    until = f"until {when(_text(facts, 'until'), tz)}" if facts.get("until") else "this once"
    match _text(facts, "state"):
        case RequestState.APPROVED:
            return f"Approved by {by}, {until}. It goes on by itself."
        case RequestState.DONE:
            return f"Approved by {by}, {until}, and done."
        case RequestState.DENIED:
            return f"Denied by {by}."
        case RequestState.FAILED:
            return f"Approved by {by}, but it could not be done any more."
        case state if state in _UNDECIDED:
            return _UNDECIDED[state]
        case _:
            return f"Others decide about it now: {person(_text(facts, 'asker'))} has changed teams."


def _small_print(facts: Facts, tz: str) -> str:
    weekly = f"up to {money(_text(facts, 'weekly'), _text(facts, 'currency'))} a week" if facts.get("weekly") else ""
    team = f"team {escape(_text(facts, 'team'))}" if facts.get("team") else ""
    owner = _text(facts, "owner")
    of = f"of {person(owner)}" if owner and owner != _text(facts, "asker") else ""
    pending = _text(facts, "state") == RequestState.PENDING
    expires = f"expires {when(_text(facts, 'expires_at'), tz)}" if pending else ""
    return " · ".join(filter(None, [weekly, team, of, expires])) or " "


def _sentence(text: Any) -> str:
    return sentence(capital(str(text)))


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
