"""The one error listener: whatever a listener or middleware raises, the person who asked hears of it in words."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from slack_bolt import Ack, BoltContext, BoltResponse, Respond
from slack_sdk import WebClient

from bot.rules.permissions import Action
from bot.seams.slack import Message
from bot.usecases.people import Unproven
from bot.usecases.refusal import Refusal
from bot.usecases.wishes import OverLimit
from handlers.access.whoami import refused
from handlers.call import Call, known_call, uses_of
from handlers.delivery import Reach, publish, tell
from handlers.grammar import Command, Vocabulary
from handlers.home.views import of_refused
from handlers.ids import ActionId, BlockId, CallbackId, original
from handlers.mistakes import GrammarError
from handlers.parsing import parse
from handlers.refusals import note_refusal
from handlers.trouble import Asked, told, trouble_view, words_of
from handlers.typed import words

_FORM_CHARACTERS: Final = 300  # of an error beneath a form's field
_FIELDS: Final[Mapping[str, BlockId]] = {
    CallbackId.ENVIRONMENT_CREATE: BlockId.NAME,
    CallbackId.ENVIRONMENT_EXEMPT: BlockId.REASON,
    CallbackId.LIMIT_ASK: BlockId.REASON,
    CallbackId.LIMIT_APPROVE_UNTIL: BlockId.UNTIL,
    CallbackId.LIMIT_DENY: BlockId.REASON,
    CallbackId.LINK_CODE: BlockId.CODE,
    CallbackId.ADMIN_BULK_DELETE: BlockId.COUNT,
    CallbackId.ADMIN_BULK_WHOM: BlockId.WHOM,
}
"""The field of a form that most errors are about."""
_NEEDS: Final[Mapping[str, Action]] = {action.value: action for action in Action}
"""The right that a command of the same word needs; others only look."""


def on_error(
    error: Exception, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond
) -> BoltResponse | None:
    """Tell the error where the person looks: in the acknowledgement, in the form, or by the ways back that are left."""
    note_refusal(error, body, who(context), uses_of(context))
    if body.get("type") == "view_submission":
        return None if ack.response else _in_form(error, body)
    if "event" in body:
        _on_home(error, body, client)
        return None if ack.response else BoltResponse(status=200, body="")
    said = words_to(error, body, context)
    if "command" in body and not ack.response:
        answer = {"response_type": "ephemeral", "text": said.text, "blocks": list(said.blocks)}
        return BoltResponse(status=200, body=answer)
    acknowledged = ack.response is not None
    if not acknowledged:
        ack()  # Slack waits three seconds for this, but not for what is told
    tell(Reach(client, body, respond), said)
    return None if acknowledged else BoltResponse(status=200, body="")


def words_to(error: Exception, body: Mapping[str, Any], context: BoltContext) -> Message:
    """What is told of an error; who asks who they are, and is nobody, is also shown why."""
    if isinstance(error, Unproven) and (_typed(body) or "").casefold() == "whoami":
        with suppress(Refusal):  # Slack may not answer a second time
            known = uses_of(context).people.known_as(context.team_id or "", context.user_id or "")
            if known is not None:
                return refused(known, error)
    return told(error, asked(error, body, context))


def who(context: BoltContext) -> tuple[str, str]:
    """Whoever acts: the workspace that Berth knows them in, as far as it does, and their id."""
    call = known_call(context)
    return (call.actor.workspace_id if call else context.team_id or ""), context.user_id or ""


def asked(error: Exception, body: Mapping[str, Any], context: BoltContext) -> Asked:
    """What was typed, as far as something was: it comes back, so that it can be mended."""
    line, call = _typed(body), known_call(context)
    if line is None:
        return Asked()
    if call is None:
        return Asked(line)
    names = _names(call, line) if isinstance(error, GrammarError) and error.missing else ()
    return Asked(line, _understood(call, line), names, _called(call, body, line))


def _typed(body: Mapping[str, Any]) -> str | None:
    """The line after /k8s, typed or run by a button; None for what was only clicked."""
    if "command" in body:
        return " ".join(words(body.get("text") or ""))
    actions = body.get("actions") or [{}]
    return actions[0].get("value") if original(actions[0].get("action_id", "")) == ActionId.COMMAND_RUN else None


def _called(call: Call, body: Mapping[str, Any], line: str) -> Mapping[str, str]:
    """What those whom a line mentions are called: as Slack sent it with the command, or as Berth knows them."""
    ids = set(re.findall(r"@([UW][A-Z0-9]{6,20})\b", line))
    sent = dict(re.findall(r"<@([UW][A-Z0-9]{6,20})\|([^<>]+)>", body.get("text") or ""))
    return call.uses.people.called(call.actor.workspace_id, ids - set(sent)) | sent if ids else {}


def _understood(call: Call, line: str) -> Command | None:
    with suppress(GrammarError):
        return parse(line, Vocabulary.of(call.uses.catalogue))
    return None


def _names(call: Call, line: str) -> tuple[str, ...]:
    """The person's environments that the command could be meant for."""
    right = _NEEDS.get(line.partition(" ")[0].lower(), Action.VIEW)
    environments = call.uses.environments
    mine = environments.visible(call.actor, "mine")
    return tuple(row.name for row in mine if right in environments.allowed(call.actor, row))


def _in_form(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
    """Beneath the field that most errors are about, so that nothing entered is lost; else in the form's place."""
    field = _FIELDS.get(body["view"].get("callback_id"))
    if field is not None and not isinstance(error, OverLimit):  # which is told with a button
        errors = {str(field): words_of(error)[:_FORM_CHARACTERS]}
        return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
    instead = trouble_view("Berth", error).block()
    return BoltResponse(status=200, body={"response_action": "update", "view": instead})


def _on_home(error: Exception, body: Mapping[str, Any], client: WebClient) -> None:
    """An event has nobody waiting, except at the App Home, which would stay empty."""
    event = body["event"]
    said = told(error)
    if event.get("type") == "app_home_opened" and event.get("tab") == "home":
        publish(client, str(event["user"]), of_refused(said))
