"""What happens to every delivery before its listener: the use cases come in, repetitions end, and who acts is settled.

Refusals raised here are told by the error listener like any other.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from slack_bolt import BoltContext, BoltResponse

from bot.usecases import UseCases
from bot.usecases.people import Unproven
from bot.usecases.source import Source
from handlers.blocks import person
from handlers.call import Call, call_of, uses_of
from handlers.ids import ActionId, CallbackId, original
from handlers.typed import mended, words

Body = Mapping[str, Any]
Next = Callable[[], None]

USER_GROUP_EVENTS: Final = ("subteam_created", "subteam_updated", "subteam_members_changed")
_NOBODY_ACTS: Final = frozenset({"user_change", "team_join", *USER_GROUP_EVENTS})
"""Events that tell of somebody rather than come from somebody."""
_PROVING: Final = frozenset({ActionId.LINK_CONFIRM, ActionId.LINK_UNDO})


def carrying(uses: UseCases) -> Callable[[BoltContext, Next], None]:
    """A middleware that puts the use cases into the context."""

    def carry(context: BoltContext, next: Next) -> None:  # noqa: A002 - Bolt passes arguments by these names
        context["uses"] = uses
        next()

    return carry


def once(body: dict[str, Any], context: BoltContext, next: Next) -> BoltResponse | None:  # noqa: A002 - Bolt's name
    """A delivery that was handled already, by any process, is acknowledged and changes nothing."""
    if not _acknowledged_first(body) and not uses_of(context).first_delivery(request_id(body)):
        return BoltResponse(status=200, body="")
    next()
    return None


def acting(body: dict[str, Any], context: BoltContext, next: Next) -> None:  # noqa: A002 - Bolt's name
    """Who acts, as Slack confirms it. Raises Refusal for whoever may not use Berth."""
    event = body.get("event") or {}
    if event.get("type") not in _NOBODY_ACTS and not _acknowledged_first(body):
        identified(body, context)
    next()


def identified(body: Body, context: BoltContext) -> Call:
    """The call of whoever acts, which the context then holds. Raises Refusal for whoever may not use Berth."""
    uses = uses_of(context)
    home_team = (body.get("user") or {}).get("team_id")
    who = context.team_id or "", context.user_id or "", home_team
    try:
        actor = uses.people.identify(*who)
    except Unproven:
        if not _proves(body):
            raise
        actor = uses.people.newcomer(*who)
    uses.adoption.seen(actor)
    context["call"] = Call(actor, uses, source_of(body), person(context.bot_user_id or "berth"))
    return call_of(context)


def _proves(body: Body) -> bool:
    """Whether what is asked is a part of proving who one is, and so is open to members whom nothing proves yet."""
    if "command" in body:
        return [word.casefold() for word in words(body.get("text") or "")[:1]] == ["link"]
    if body.get("type") == "block_actions":
        return all(original(str(action.get("action_id"))) in _PROVING for action in body.get("actions") or [{}])
    return (body.get("view") or {}).get("callback_id") == CallbackId.LINK_CODE


def _acknowledged_first(body: Body) -> bool:
    """Commands and clicks: `handlers.promptly` does for them, after the acknowledgement, what is done here before."""
    return "command" in body or body.get("type") == "block_actions"


def request_id(body: Body) -> str:
    """What names this delivery: the event's id, else all of it. Not its trigger, which not every Slack makes anew."""
    whole = json.dumps(body, sort_keys=True, default=str).encode()
    return str(body.get("event_id") or hashlib.sha256(whole).hexdigest())


def source_of(body: Body) -> Source:
    """Where a wish came from, for the audit log."""
    container = body.get("container") or {}
    return Source(
        request_id=request_id(body),
        kind=_kind(body),
        channel_id=body.get("channel_id") or (body.get("channel") or {}).get("id"),
        message_ts=None if container.get("is_ephemeral") else container.get("message_ts"),  # nobody can open that
        text=_text(body),
    )


def _kind(body: Body) -> Literal["command", "action", "view", "event"]:
    if "command" in body:
        return "command"
    if "event" in body:
        return "event"
    return "view" if body.get("type") == "view_submission" else "action"


def _text(body: Body) -> str:
    if "command" in body:
        return f"{body['command']} {mended(body.get('text') or '')}".strip()
    actions = body.get("actions") or [{}]
    return str(actions[0].get("action_id") or (body.get("view") or {}).get("callback_id") or "")
