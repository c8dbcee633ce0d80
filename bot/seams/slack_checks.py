"""What `berth doctor` asks Slack: are these tokens good, and what do they allow.

Only asks; opens no socket and posts nothing. Errors carry Slack's code and never a token.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.seams.slack import SlackError

Answer = TypeVar("Answer")
_SECONDS = 10
# Slack's codes for a token that is wrong for its purpose: waiting makes none of them right.
OF_THE_TOKEN = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_expired",
        "token_revoked",
        "not_allowed_token_type",
        "missing_scope",
    }
)


@dataclass(frozen=True)
class Installed:
    """The app as its bot token finds itself: in which workspace, as which user, with which scopes."""

    workspace: str
    user: str
    scopes: frozenset[str] | None  # None where Slack did not say


def installed(api_url: str, bot_token: str) -> Installed:
    """Who this bot token is. Raises SlackError."""
    answer = _ask(lambda: WebClient(bot_token, base_url=api_url, timeout=_SECONDS).auth_test())
    told = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes")
    scopes = frozenset(scope.strip() for scope in told.split(",") if scope.strip()) if told else None
    return Installed(str(answer.get("team")), str(answer.get("user")), scopes)


def check_app_token(api_url: str, app_token: str) -> None:
    """Whether this app token may open Socket Mode connections. Raises SlackError."""
    client = WebClient(base_url=api_url, timeout=_SECONDS)
    _ask(lambda: client.apps_connections_open(app_token=app_token))


def user_groups(api_url: str, bot_token: str) -> frozenset[str]:
    """The ids and `@handles` of the user groups that this bot token sees. Raises SlackError."""
    client = WebClient(bot_token, base_url=api_url, timeout=_SECONDS)
    told = _ask(client.usergroups_list).get("usergroups") or []
    return frozenset(name for one in told for name in (str(one["id"]), f"@{one.get('handle')}"))


class Channels:
    """The channels of the workspace, as far as a bot's token may look at them."""

    def __init__(self, api_url: str, bot_token: str, scopes: frozenset[str] | None) -> None:
        self._client = WebClient(bot_token, base_url=api_url, timeout=_SECONDS)
        self._scopes = scopes or frozenset()
        self._named: dict[str, dict[str, Any]] | None = None

    def reaches(self, channel: str) -> bool | None:
        """Whether the bot can post in a channel, by id or `#name`; None for one that it does not see.

        Raises SlackError, with `missing_scope` where the token may not look.
        """
        found = self._by_name().get(channel[1:]) if channel.startswith("#") else self._by_id(channel)
        if found is None:
            return None
        open_to_apps = not found.get("is_private") and "chat:write.public" in self._scopes
        return bool(found.get("is_member")) or open_to_apps

    def _by_id(self, channel: str) -> dict[str, Any] | None:
        try:
            return dict(_ask(lambda: self._client.conversations_info(channel=channel))["channel"])
        except SlackError as error:
            if error.code == "channel_not_found":
                return None
            raise

    def _by_name(self) -> dict[str, dict[str, Any]]:
        if self._named is None:
            types = "public_channel,private_channel" if "groups:read" in self._scopes else "public_channel"
            self._named = {found["name"]: found for found in self._pages(types)}
        return self._named

    def _pages(self, types: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self._page(types, cursor)
            yield from page["channels"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _page(self, types: str, cursor: str) -> Any:
        return _ask(
            lambda: self._client.conversations_list(types=types, exclude_archived=True, limit=999, cursor=cursor)
        )


def _ask(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except SlackApiError as error:
        code = str(error.response.get("error", "unknown_error"))
        raise SlackError(code, passing=code not in OF_THE_TOKEN) from None
    except (SlackClientError, OSError, ValueError) as error:
        raise SlackError(f"no answer ({type(error).__name__})", passing=True) from None
