"""How sharing looks: what was given to whom, until when, and how to take it back. Pure functions of facts and rows.

Facts come out of the database, perhaps written by an older Berth, so nothing here fails for one that is missing.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.rules.permissions import Action
from bot.rules.words import AccessLevel, Phase, capital
from bot.seams.slack import Message
from bot.usecases.sharing import Shared
from handlers.blocks import actions, bullets, code, escape, message, person, section
from handlers.environments.buttons import CONNECT, STATUS, Subject, buttons
from handlers.grants import removal, until, whom
from handlers.ids import COMMAND
from store.grants import team_of

Facts = Mapping[str, Any]

_MAY: Final[Mapping[str, str]] = {
    AccessLevel.VIEW: "see everything in it but its secrets",
    AccessLevel.EDIT: "work in it, and put it to sleep, wake and extend it",
}
_ENDED: Final[Mapping[str, str]] = {
    "over": "This access has ended: its time is over.",
    "left": "This access has ended.",
    "gone": "This access has ended: the environment is deleted.",
    "changed": "This access was changed; a newer message says how.",
}


def given(shared: Shared, tz: str) -> Message:
    """What is answered to who has shared."""
    row, grant = shared.environment, shared.grant
    already = "" if shared.changed else " already"
    then = "They are told how to connect." if shared.changed else ""
    said = f"{code(row.name)} is{already} shared with {whom(grant.subject)} to {grant.access} "
    said += f"{until(grant.expires_at, tz)}."
    text = " ".join(filter(None, [said, _before(shared, tz), then]))
    return message(text, [section(text), *actions([removal(row.id, grant.subject, row.name, shared.called)])])


def _before(shared: Shared, tz: str) -> str:
    """What becomes of the share that this one took the place of."""
    earlier, grant = shared.earlier, shared.grant
    if earlier is None:
        return ""
    if grant.then_view:
        return f"After that they may view it {until(grant.then_view_until, tz)}, as before."
    held = f"{earlier.access} {until(earlier.expires_at, tz)}"
    taken = earlier.access is AccessLevel.EDIT and grant.access is AccessLevel.VIEW
    return f"Before, it was {held}: {'editing is taken away' if taken else 'that no longer counts'}."


def taken(shared: Shared) -> Message:
    """What is answered to who has taken it back."""
    told = f"{whom(shared.grant.subject)} no longer has access to {code(shared.environment.name)}"
    return message(f"{capital(told)}. It ends on the cluster within seconds.")


def shared(facts: Facts, tz: str) -> Message:
    """The message of kind `shared`: to whom it was given."""
    name, access = code(_text(facts, "name")), _text(facts, "access")
    head = f"{person(_text(facts, 'by'))} shares {name} with {_you(facts)}"
    if facts.get("outcome"):
        ended = f"{head}. {_outcome(facts)}"
        return message(ended)
    text = f"{head}, to {escape(access)} {until(facts.get('until'), tz)}."
    connect = code(f"{COMMAND} connect {_text(facts, 'name')}")
    lines = [
        f"You may {_MAY.get(access, 'use it')}.",
        f"{connect} gives you a kubeconfig for it, with ready commands.",
        f"It is {person(_text(facts, 'owner_id'))}'s; {code(f'{COMMAND} list shared')} shows it among yours.",
    ]
    return message(
        text, [section(f"*{text}*\n{bullets(lines)}"), *actions(buttons(_subject(facts), [CONNECT, STATUS]))]
    )


def shared_by(facts: Facts, tz: str) -> Message:
    """The message of kind `shared_by`: to the owner, whose environment somebody else has shared."""
    who = whom(_text(facts, "subject"))
    text = (
        f"{person(_text(facts, 'by'))} has shared your {code(_text(facts, 'name'))} with {who} to "
        f"{escape(_text(facts, 'access'))} {until(facts.get('until'), tz)}."
    )
    if facts.get("outcome"):
        return message(f"{text} {_outcome(facts)}")
    what = (_text(facts, key) for key in ("environment_id", "subject", "name", "called"))
    return message(text, [section(text), *actions([removal(*what)])])


def _you(facts: Facts) -> str:
    team = team_of(_text(facts, "subject"))
    return f"team {escape(team)}" if team is not None else "you"


def _outcome(facts: Facts) -> str:
    outcome: Facts = facts["outcome"]
    if outcome.get("kind") == "removed":
        return f"This access was taken back by {person(_text(outcome, 'by'))}."
    return _ENDED.get(_text(outcome, "kind"), "This access has ended.")


def _subject(facts: Facts) -> Subject:
    return Subject(_text(facts, "environment_id"), _text(facts, "name"), Phase.RUNNING, frozenset(Action))


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return "" if value is None else str(value)
