"""What the app says back: the payload of an acknowledgement, and what it posts to a response URL."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.posting import Poster, content
from bot.sandbox.slack.records import Json, Message
from bot.sandbox.slack.tickets import ResponseUrl, Tickets
from bot.sandbox.slack.workspace import Workspace

STATUS = {"expired_url": 404, "used_url": 404}


class Replies:
    """Turns replies into messages."""

    def __init__(self, workspace: Workspace, tickets: Tickets, poster: Poster) -> None:
        self._workspace = workspace
        self._tickets = tickets
        self._poster = poster

    def say(self, place: ResponseUrl, said: Json) -> None:
        """A new message at the place of an interaction: to the person alone unless `in_channel` is asked for."""
        public = said.get("response_type") == "in_channel"
        more = {"ephemeral_to": None if public else place.user, "thread_ts": said.get("thread_ts") or place.thread_ts}
        channel = self._workspace.channels[place.channel]
        self._poster.post(channel, self._workspace.bot.id, content(self._workspace, said), **more)

    def apply(self, place: ResponseUrl, said: Json) -> None:
        """What a response URL does: delete or replace the message the interaction came from, or say something new."""
        message = self._source(place)
        if said.get("delete_original"):
            if message:
                self._poster.remove(message)
            return
        # An answer to a button replaces its message unless it says otherwise; a command has nothing to replace.
        replace = said.get("replace_original", "response_type" not in said)
        if replace and message:
            self._poster.rewrite(message, content(self._workspace, said))
        else:
            self.say(place, said)

    def _source(self, place: ResponseUrl) -> Message | None:
        return self._workspace.channels[place.channel].messages.get(place.message_ts or "")

    async def serve(self, request: Request, faults: Faults) -> Response:
        """A POST to a response URL."""
        fault = faults.take("response_url")
        if fault:
            await faults.delay(fault)
            if (lost := fault.answer()) and not fault.after_effect:
                return lost
        try:
            place = self._tickets.use_response_url(request.path_params["path"])
            self.apply(place, _said(await request.body()))
        except SlackError as refusal:
            status = STATUS.get(refusal.code, 400)
            return JSONResponse({"ok": False, "error": refusal.code} | refusal.details, status)
        return (fault.answer() if fault else None) or JSONResponse({"ok": True})


def _said(body: bytes) -> Json:
    try:
        said = json.loads(body)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(said, dict):
        raise SlackError("invalid_payload")
    return said
