"""The only module below the listeners that speaks to Slack's Web API: messages out, and who somebody is.

Errors become `SlackError` with Slack's own code; `passing` says whether trying again can help by itself. Nothing here
retries: the outbox does, because it remembers.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

_PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
# What ails the app itself: an admin mends it, and then the same message goes to the same people.
_OF_THE_APP = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_expired",
        "token_revoked",
        "missing_scope",
        "no_permission",
        "ekm_access_denied",
    }
)
# Where a workspace does not let the bot open a conversation, its messages still reach a person by their id.
_NO_OPENING = frozenset({"unknown_method", "missing_scope", "method_deprecated", "not_allowed_token_type"})
_NEVER = datetime.fromtimestamp(0, UTC)
_LATEST = 10**11  # seconds; beyond lies no date
Answer = TypeVar("Answer")


class SlackError(Exception):
    """Slack refused, or did not answer. The text is Slack's error code, or what failed on the way."""

    def __init__(self, code: str, *, passing: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.passing = passing
        self.retry_after = retry_after


@dataclass(frozen=True)
class Message:
    """What is shown: `text` for notifications and screen readers, `blocks` for the eye."""

    text: str
    blocks: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Profile:
    """What Slack says of a user."""

    id: str
    workspace_id: str
    name: str
    email: str | None
    email_confirmed: bool
    time_zone: str
    is_bot: bool
    is_guest: bool
    is_stranger: bool
    is_deactivated: bool


@dataclass(frozen=True)
class UserGroup:
    """A user group, `@handle`, and the ids of its people."""

    id: str
    handle: str
    people: frozenset[str]


class Slack:
    """Slack, as the bot's token sees it. `quick` asks what somebody waits for, and gives up within their patience."""

    def __init__(self, client: WebClient, quick: WebClient | None = None) -> None:
        self._client = client
        self._quick = quick or client
        self._home: str | None = None  # the workspace's address
        self._direct: dict[str, str] = {}  # user id → the channel of our direct messages; it never changes

    def workspace_id(self) -> str:
        """The workspace the bot's token belongs to. Raises SlackError."""
        return str(_ask(self._quick.auth_test)["team_id"])

    def profile(self, user_id: str) -> Profile:
        """Who a user is. Raises SlackError."""
        return _profile(_ask(lambda: self._quick.users_info(user=user_id))["user"])

    def undisturbed_until(self, user_id: str, now: datetime) -> datetime | None:
        """Until when a user does not want to be disturbed, as far as Slack tells; None for one who may be `now`."""
        try:
            told = _ask(lambda: self._client.dnd_info(user=user_id))
        except SlackError:
            return None  # not every workspace tells, and waiting is only politeness
        begins, ends = _instant(told.get("next_dnd_start_ts")), _instant(told.get("next_dnd_end_ts"))
        nightly = ends if told.get("dnd_enabled") is True and begins <= now else _NEVER
        snoozed = _instant(told.get("snooze_endtime")) if told.get("snooze_enabled") is True else _NEVER
        until = max(nightly, snoozed)
        return until if until > now else None

    def user_groups(self, named: Collection[str]) -> list[UserGroup]:
        """The user groups with these ids or `@handles`, as far as there are any. Raises SlackError."""
        told = _ask(lambda: self._client.usergroups_list(include_users=True)).get("usergroups") or []
        return [self._user_group(one) for one in told if {one["id"], f"@{one.get('handle')}"} & set(named)]

    def _user_group(self, told: Mapping[str, Any]) -> UserGroup:
        people = told.get("users")
        if people is None:  # the list does not bring them everywhere
            people = _ask(lambda: self._client.usergroups_users_list(usergroup=told["id"])).get("users") or []
        return UserGroup(told["id"], str(told.get("handle") or ""), frozenset(map(str, people)))

    def user_by_email(self, email: str) -> str:
        """The id of the user with this e-mail. Raises SlackError."""
        return str(_ask(lambda: self._client.users_lookupByEmail(email=email))["user"]["id"])

    def post(self, recipient: str, message: Message) -> Posted:
        """A new message to a channel (C…, G…, or a name), a user (U…, W…) or an e-mail's user. Raises SlackError."""
        channel = self._channel(recipient)
        answer = _ask(
            lambda: self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks),
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return Posted(answer.get("channel") or channel, answer.get("ts") or "")

    def send_file(self, user_id: str, name: str, text: str, comment: str) -> None:
        """A file with this text in our direct messages with a user. Raises SlackError."""
        channel = self._channel(user_id)
        _ask(
            lambda: self._client.files_upload_v2(
                channel=channel, filename=name, title=name, content=text, initial_comment=comment
            )
        )

    def link(self, channel: str | None, ts: str | None) -> str:
        """The address of a message, or of a channel without one; nothing where the workspace's is not known."""
        if channel is None or not self._address():
            return ""
        message = f"/p{ts.replace('.', '')}" if ts else ""
        return f"{self._address()}/archives/{channel}{message}"

    def _address(self) -> str:
        """The workspace's own address, asked once."""
        if self._home is None:
            try:
                self._home = str(_ask(self._quick.auth_test).get("url") or "").rstrip("/")
            except SlackError:
                return ""
        return self._home

    def update(self, posted: Posted, message: Message) -> None:
        """Replace what a message says. Raises SlackError."""
        _ask(
            lambda: self._client.chat_update(
                channel=posted.channel, ts=posted.ts, text=message.text, blocks=list(message.blocks)
            )
        )

    def _channel(self, recipient: str) -> str:
        user = self.user_by_email(recipient) if "@" in recipient else recipient
        if user[:1] not in ("U", "W") or not user.isalnum():
            return user
        if user not in self._direct:
            self._direct[user] = self._opened(user)
        return self._direct[user]

    def _opened(self, user: str) -> str:
        try:
            return str(_ask(lambda: self._client.conversations_open(users=[user]))["channel"]["id"])
        except SlackError as error:
            if error.code in _NO_OPENING:
                return user
            raise


def _instant(seconds: Any) -> datetime:
    """An instant as Slack writes it; one long past for what is none."""
    known = isinstance(seconds, int) and 0 < seconds < _LATEST
    return datetime.fromtimestamp(seconds, UTC) if known else _NEVER


def _ask(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except SlackApiError as error:
        _raise_translated(error)
    except (SlackClientError, URLError, OSError, ValueError) as error:
        raise SlackError(f"no answer from Slack ({type(error).__name__})", passing=True) from error


def _raise_translated(error: SlackApiError) -> NoReturn:
    status = getattr(error.response, "status_code", 200)
    code = error_code(error) or f"http_{status}"
    passing = status == 429 or status >= 500 or code in _PASSING | _OF_THE_APP
    raise SlackError(code, passing=passing, retry_after=retry_after(error)) from error


def error_code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; nothing where something else answered in its place, with a page of its own."""
    data = getattr(error.response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    return code if re.fullmatch(r"[a-z0-9_]{1,80}", code) else ""


def retry_after(error: SlackApiError) -> timedelta | None:
    """How long Slack wants to be left alone; None where it does not say."""
    after = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return timedelta(seconds=int(after)) if after.isascii() and after.isdecimal() else None


def _profile(user: Mapping[str, Any]) -> Profile:
    profile = user.get("profile", {})
    return Profile(
        id=user["id"],
        workspace_id=user.get("team_id", ""),
        name=profile.get("display_name") or user.get("real_name") or user.get("name", user["id"]),
        email=profile.get("email") or None,
        # An answer without the flag is from a workspace where Slack does not tell; only a plain no is a no.
        email_confirmed=user.get("is_email_confirmed") is not False,
        time_zone=user.get("tz") or "UTC",
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")),
        is_deactivated=bool(user.get("deleted")),
    )
