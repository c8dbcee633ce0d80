"""How a message that reached nobody is told to admins: which, about what, to whom, and what to do. A pure function."""

from collections.abc import Mapping
from typing import Final

from handlers.blocks import code, escape, person, shorten
from store.tables import Notice

_KINDS: Final[Mapping[str, str]] = {
    "progress": "how a deed goes",
    "idle_warning": "the warning of a sleep",
    "expiry_warning": "the warning of an end",
    "ended": "the news of an end",
    "stirred": "what stirs while it sleeps",
    "left": "the news that an owner has left",
    "held_back": "why a schedule did not wake it",
    "approval": "a request for more",
    "answer": "the answer to a request",
    "drift": "what was changed by hand",
    "shared": "the news of a share",
    "shared_by": "the news of a share",
    "digest": "a weekly digest",
    "deed": "what an admin did",
    "pause": "the news of a pause",
    "transferred": "the news of a new owner",
    "announcement": "an announcement",
}
_TO_DO: Final[Mapping[str, str]] = {
    "is_archived": "the channel is archived: unarchive it, or name another in berth.yaml",
    "channel_not_found": "Slack knows no such channel, or the bot is not in it: invite it, or mend berth.yaml",
    "not_in_channel": "the bot is not in the channel: invite it",
    "restricted_action": "the workspace lets the bot not write there: ask whoever administers Slack",
    "user_not_found": "Slack knows nobody of that id or address any more",
    "users_not_found": "Slack knows nobody of that address: mend it in berth.yaml",
    "user_disabled": "their account is deactivated: give what they have to somebody else",
    "cannot_dm_bot": "bots read no messages: name a person in berth.yaml",
    "missing_scope": "the app lacks a scope: install it again with its manifest",
    "invalid_auth": "Slack does not take the bot's token: `berth doctor` says why",
}
_NAMED: Final = 3  # of those whom it was for


def unheard(notice: Notice) -> str:
    """One line."""
    what = _KINDS.get(notice.kind, escape(notice.kind.replace("_", " ")))
    name = notice.facts.get("name")
    about = f" about {code(str(name))}" if name else ""
    tried = [_recipient(one) for one in notice.recipients[:_NAMED]]
    to = f" to {', '.join(tried)}" if tried else " to nobody: there is nobody whom it could be sent to"
    error = notice.error or ""
    why = _TO_DO.get(error, f"Slack says {code(error)}" if error else "no reason is known")
    return f"{what}{about}{to}{f': {why}' if tried else ''}"


def _recipient(one: str) -> str:
    """A person by id; a channel, or an e-mail, as berth.yaml writes it."""
    if one[:1] in ("U", "W"):
        return person(one)
    return escape(shorten(one, 80))
