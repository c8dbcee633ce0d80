"""How an answer reaches the person who asked, wherever they asked, and what happens when Slack does not let it.

The only module of handlers/ that calls Slack's Web API. A way back that fails is never silent: respond's status is
checked, then comes an ephemeral message, then a direct one, then the log. Contents of modals go nowhere else.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import structlog
from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.seams.slack import Message, error_code, retry_after
from bot.usecases.refusal import Refusal
from handlers.blocks import Block, View, escape, message
from handlers.call import Answer, Call, Later, Modal
from handlers.refusals import note_refusal
from handlers.trouble import trouble_view

_CLOSED = frozenset({"not_found", "view_not_found"})  # the person has closed the window meanwhile
_PATIENCE = timedelta(seconds=10)  # while somebody looks at a window that fills
_TRIES = 2
_RETRY = "Please close it and try again."
_LOST = (SlackApiError, SlackClientError, OSError)  # Slack said no, or did not answer


class Place(Enum):
    """Where somebody asked."""

    COMMAND = "a command"
    PRIVATE = "a message that only they see"
    SHARED = "a message that stays"
    MODAL = "a modal"
    HOME = "the App Home"


@dataclass(frozen=True)
class Reach:
    """The ways back to the person that a delivery gives."""

    client: WebClient
    body: Mapping[str, Any]
    respond: Respond

    @property
    def place(self) -> Place:
        """Where they asked."""
        if "command" in self.body:
            return Place.COMMAND
        kind = (self.body.get("view") or {}).get("type")
        if kind:
            return Place.HOME if kind == "home" else Place.MODAL
        return Place.PRIVATE if (self.body.get("container") or {}).get("is_ephemeral") else Place.SHARED

    @property
    def user(self) -> str:
        """Who asked."""
        return str(self.body.get("user_id") or (self.body.get("user") or {}).get("id", ""))

    @property
    def channel(self) -> str:
        """Where a message to them alone can be put, or nothing."""
        return str(self.body.get("channel_id") or (self.body.get("channel") or {}).get("id", ""))

    @property
    def trigger(self) -> str:
        """What opens a modal, once, within three seconds."""
        return str(self.body.get("trigger_id", ""))


def give(reach: Reach, call: Call, answer: Answer, *, replace: bool = False) -> None:
    """Bring an answer to the person after their delivery was acknowledged.

    `replace`: put it in the place of the message or modal they clicked, if nobody else sees that one.
    """
    if isinstance(answer, Modal):
        answer = _noting(reach, call, answer)
        if replace and reach.place is Place.MODAL:
            refill(reach, call, answer)
        else:
            open_modal(reach, call, answer)
    else:
        tell(reach, answer.message() if isinstance(answer, Later) else answer, replace=replace)


def tell(reach: Reach, said: Message, *, replace: bool = False) -> None:
    """Show a message to the person alone, by the first way that works."""
    if not (_responded(reach, said, replace) or _shown_in_view(reach, said) or _posted(reach, said)):
        structlog.get_logger(__name__).error("could not answer", user=reach.user, place=reach.place.name)


def _noting(reach: Reach, call: Call, modal: Modal) -> Modal:
    """The same modal, whose refusal while it is filled is counted like any other."""
    filling = modal.fill
    if filling is None:
        return modal

    def fill_noting() -> View:
        try:
            return filling()
        except Refusal as refusal:
            note_refusal(refusal, reach.body, (call.actor.workspace_id, call.actor.id), call.uses)
            raise

    return Modal(modal.view, fill_noting)


def refill(reach: Reach, call: Call, modal: Modal) -> None:
    """Show a modal in the place of the one that was clicked."""
    filling = modal.fill or (lambda: modal.view)
    call.uses.background(lambda: fill(reach, str(reach.body["view"]["id"]), modal.view.title, filling))


def open_modal(reach: Reach, call: Call, modal: Modal) -> None:
    """Open a modal at once, then fill it in the background. Says so if Slack does not let it."""
    opening = reach.client.views_push if reach.place is Place.MODAL else reach.client.views_open
    try:
        opened = opening(trigger_id=reach.trigger, view=modal.view.block())
        view_id = str(opened["view"]["id"])
    except _LOST as error:
        tell(reach, message(f"Slack did not open the window ({_reason(error)}). Please try again."))
        return
    filling = modal.fill
    if filling is not None:
        call.uses.background(lambda: fill(reach, view_id, modal.view.title, filling))


def fill(reach: Reach, view_id: str, title: str, filling: Callable[[], View]) -> None:
    """Do the slow work and show its result in the open modal; what goes wrong shows there too, in words.

    Where Slack does not let it, the person is told so; what was to be shown may be a secret and goes nowhere else.
    """
    try:
        view = filling()
    except Exception as error:  # noqa: BLE001 - a job without a listener around it; nobody else would tell the person
        view = trouble_view(title, error)
    try:
        _patiently(lambda: reach.client.views_update(view_id=view_id, view=view.block()))
    except _LOST as error:
        structlog.get_logger(__name__).warning("could not fill a modal", reason=_reason(error))
        if _reason(error) not in _CLOSED:
            tell(reach, message(f"Slack did not let me fill the window “{escape(title)}” ({_reason(error)}). {_RETRY}"))


def publish(client: WebClient, user: str, view: Block) -> None:
    """Show an App Home; one that Slack does not take is logged, and tried again when it is next opened."""
    try:
        _patiently(lambda: client.views_publish(user_id=user, view=view))
    except _LOST as error:
        structlog.get_logger(__name__).warning("could not publish a home", user=user, reason=_reason(error))


def _responded(reach: Reach, said: Message, replace: bool) -> bool:
    if not reach.body.get("response_url"):
        return False
    over = replace and reach.place is Place.PRIVATE
    try:
        answer = reach.respond(
            text=said.text, blocks=list(said.blocks), replace_original=over, response_type="ephemeral"
        )
    except _LOST:
        return False
    return answer.status_code == 200


def _shown_in_view(reach: Reach, said: Message) -> bool:
    view = View("Berth", said.blocks).block()
    try:
        if reach.place is Place.HOME:
            reach.client.views_open(trigger_id=reach.trigger, view=view)
        elif reach.place is Place.MODAL:
            reach.client.views_update(view_id=reach.body["view"]["id"], view=view)
        else:
            return False
    except _LOST:
        return False
    return True


def _posted(reach: Reach, said: Message) -> bool:
    try:
        if reach.channel:
            reach.client.chat_postEphemeral(
                channel=reach.channel, user=reach.user, text=said.text, blocks=list(said.blocks)
            )
            return True
    except _LOST:
        pass  # Berth is not in that channel; its direct messages are left
    try:
        reach.client.chat_postMessage(channel=reach.user, text=said.text, blocks=list(said.blocks))
    except _LOST:
        return False
    return True


def _patiently(call: Callable[[], Any]) -> None:
    """Do what Slack has no time for at the moment once it has, where that is soon."""
    for _ in range(_TRIES):
        try:
            call()
        except SlackApiError as error:
            wait = retry_after(error)
            if wait is None or wait > _PATIENCE:
                raise
            time.sleep(wait.total_seconds())
        else:
            return
    call()


def _reason(error: Exception) -> str:
    """Slack's own word for it, where that is one: a page of some machine between is nobody's to read."""
    code = error_code(error) if isinstance(error, SlackApiError) else ""
    return code or "no answer"
