"""The Web API's front door: reads a call, decides whether it is allowed, answers as Slack does and keeps a log.

The order of refusals is Slack's: unknown method, token, scope, rate, arguments, and only then the method itself.
"""

from __future__ import annotations

import math
from collections import deque

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack import (
    method_app,
    method_chat,
    method_conversations,
    method_files,
    method_history,
    method_people,
    method_schedule,
    method_views,
)
from bot.sandbox.slack.bodies import arguments
from bot.sandbox.slack.calls import PER_CHANNEL, TIERS, Call, Method
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import Workspace

MODULES = (
    method_app,
    method_chat,
    method_conversations,
    method_files,
    method_history,
    method_people,
    method_schedule,
    method_views,
)
METHODS: dict[str, Method] = {method.name: method for module in MODULES for method in module.METHODS}

KINDS = {"xoxb-": "bot", "xapp-": "app"}
BURST = 10
"""How many messages at once one channel takes before its one a second counts."""


class RateLimits:
    """A bucket per method, and for messages per channel, refilled by the workspace's clock."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, method: Method, args: Json) -> int:
        """0 if the call may pass, else the seconds after which it may."""
        per_channel = method.tier == PER_CHANNEL
        room = float(BURST if per_channel else TIERS[method.tier])
        per_second = 1.0 if per_channel else room / 60
        name = f"{method.name} {args.get('channel', '')}" if per_channel else method.name
        now = self._workspace.real_seconds
        left, since = self._buckets.get(name, (room, now))
        left = min(room, left + (now - since) * per_second)
        if left < 1:
            self._buckets[name] = (left, now)
            return max(1, math.ceil((1 - left) / per_second))
        self._buckets[name] = (left - 1, now)
        return 0


class WebApi:
    """Answers /api/<method>."""

    def __init__(self, workspace: Workspace, tickets: Tickets, courier: Courier, faults: Faults) -> None:
        self._workspace = workspace
        self._tickets = tickets
        self._courier = courier
        self._faults = faults
        self._limits = RateLimits(workspace)
        self.limited = workspace.options.rate_limits
        """Whether the tiers' limits count."""
        self.log: deque[Json] = deque(maxlen=5000)

    async def serve(self, request: Request) -> Response:
        """One HTTP request."""
        name = request.path_params["method"]
        fault = self._faults.take(name)
        if fault is None:
            return await self._answer(name, request)
        if fault.after_effect:
            response = await self._answer(name, request)
            await self._faults.delay(fault)
            return fault.answer() or response
        await self._faults.delay(fault)
        lost = fault.answer()
        if lost is None:
            return await self._answer(name, request)
        self._note(name, "", await _readable(request), {"ok": False, "error": fault.error or str(fault.status)})
        return lost

    async def _answer(self, name: str, request: Request) -> Response:
        args: Json = {}
        answer: Json
        token, retry_after = "", 0
        try:
            args = await arguments(request)
            token = _token(request, args)
            method = self._allowed(name, token)
            if self.limited and (retry_after := self._limits.take(method, args)):
                raise SlackError("ratelimited")
            _require(method, args)
            answer = {"ok": True} | method.answer(Call(self._workspace, self._tickets, self._courier, args))
        except SlackError as refusal:
            answer = {"ok": False, "error": refusal.code} | refusal.details
        self._note(name, token, args, answer)
        if retry_after:
            return JSONResponse(answer, 429, {"Retry-After": str(retry_after)})
        return JSONResponse(answer, headers=self._headers(name, token))

    def _allowed(self, name: str, token: str) -> Method:
        method = METHODS.get(name)
        if method is None or name in self._workspace.options.without:
            raise SlackError("unknown_method", req_method=name)
        if method.caller == "anyone":
            return method
        if not token:
            raise SlackError("not_authed")
        if token not in {self._workspace.bot_token, self._workspace.app_token}:
            raise SlackError("invalid_auth")
        if token == self._workspace.bot_token and self._workspace.refusing:
            raise SlackError(self._workspace.refusing)
        if KINDS[token[:5]] != method.caller:
            raise SlackError("not_allowed_token_type")
        wanted = method.scope.split("|")
        held = self._scopes(token)
        if method.scope and not set(wanted) & set(held):
            raise SlackError("missing_scope", needed=",".join(wanted), provided=",".join(held))
        return method

    def _scopes(self, token: str) -> list[str]:
        return ["connections:write"] if token == self._workspace.app_token else self._workspace.scopes

    def _headers(self, name: str, token: str) -> dict[str, str]:
        if token not in {self._workspace.bot_token, self._workspace.app_token}:
            return {}
        accepted = METHODS[name].scope.replace("|", ",") if name in METHODS else ""
        return {"x-oauth-scopes": ",".join(self._scopes(token)), "x-accepted-oauth-scopes": accepted}

    def _note(self, name: str, token: str, args: Json, answer: Json) -> None:
        entry: Json = {
            "method": name,
            "user_token_kind": KINDS.get(token[:5], ""),
            "args": {key: value for key, value in args.items() if key != "token"},
        }
        entry |= {"ok": answer["ok"], "error": answer.get("error"), "at": self._workspace.epoch}
        self.log.append(entry)


def _token(request: Request, args: Json) -> str:
    scheme, _, header = request.headers.get("authorization", "").partition(" ")
    return (header.strip() if scheme.lower() == "bearer" else "") or str(args.pop("token", ""))


async def _readable(request: Request) -> Json:
    try:
        return await arguments(request)
    except SlackError:
        return {}


def _require(method: Method, args: Json) -> None:
    missing = [name for name in method.required if args.get(name) in (None, "")]
    if missing:
        raise invalid("invalid_arguments", [f"missing required field: {name}" for name in missing])
