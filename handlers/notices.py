"""Everything the outbox says, by kind: one row each, from facts to a message.

Facts come out of the database, perhaps written by an older Berth, so a renderer never fails for one that is missing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.seams.slack import Message
from handlers.access.drift_views import drift
from handlers.access.linking import link_asked, login_ends
from handlers.access.sharing_views import shared, shared_by
from handlers.access.unproven import unproven
from handlers.admin.announcing import announcement
from handlers.admin.bulk_views import report
from handlers.admin.notices import deed, pause, transferred
from handlers.admin.silence import silence
from handlers.blocks import message, sentence
from handlers.costs.views import digest
from handlers.environments.progress import progress
from handlers.environments.resizing import resized
from handlers.leaving.views import left, unowned
from handlers.limits.views import answer, approval, held_back
from handlers.sleep.ends import ended, expiry_warning
from handlers.sleep.stirred import stirred
from handlers.sleep.warnings import idle_warning

Facts = Mapping[str, Any]


def notice(facts: Facts, tz: str) -> Message:
    """Plain information."""
    return message(sentence(str(facts.get("text") or "")) or "There is news, but no words for it.")


RENDERERS: Final[Mapping[str, Callable[[Facts, str], Message]]] = {
    "progress": progress,
    "idle_warning": idle_warning,
    "expiry_warning": expiry_warning,
    "ended": ended,
    "stirred": stirred,
    "left": left,
    "unowned": unowned,
    "unproven": unproven,
    "held_back": held_back,
    "approval": approval,
    "answer": answer,
    "resize": resized,
    "drift": drift,
    "shared": shared,
    "shared_by": shared_by,
    "digest": digest,
    "silent": silence,
    "link": link_asked,
    "login_ends": login_ends,
    "deed": deed,
    "pause": pause,
    "transferred": transferred,
    "bulk": report,
    "announcement": announcement,
    "notice": notice,
}


def render(kind: str, facts: Facts, tz: str) -> Message:
    """The message of one kind, for a reader in the zone `tz`. Raises KeyError for a kind that has no row."""
    return RENDERERS[kind](facts, tz)
