"""What each verb of an admin does to one environment of many: what keeps it from being done, doing it, and whether it
has been done already, so that a crash in between does nothing twice.

Each is done by the same use case as if somebody had asked for that one environment.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.rules.actors import Actor
from bot.rules.business import session_words
from bot.rules.durations import format_duration, parse_duration
from bot.rules.words import BERTH, Phase, Verb, Wanted
from bot.usecases.environments import Environments
from bot.usecases.forecast import Forecast
from bot.usecases.limits import Asking
from bot.usecases.policies import exemption, protection
from bot.usecases.refusal import Refusal
from bot.usecases.sleep import Sleep
from bot.usecases.source import Source
from bot.usecases.transfer import Transfer, counting_anew
from bot.usecases.wishes import WishKind, wish_of
from store.records import Records
from store.tables import BulkItem, Environment

_GOING: Final = "is being deleted"
_DONE: Final = {Wanted.SLEEPING: "put to sleep", Wanted.RUNNING: "woken", Wanted.DELETED: "deleted"}


@dataclass(frozen=True)
class Wish:
    """What an admin wants done, since when: `args` are what the verb needs."""

    by: str
    args: Mapping[str, str]
    at: datetime

    @property
    def until(self) -> datetime:
        """Until when an extension reaches that was asked for then."""
        return self.at + parse_duration(self.args["duration"])


@dataclass(frozen=True)
class Circumstances:
    """What else must be known of an environment."""

    now: datetime
    sessions: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Outlook:
    """What limits would say of a plan, item by item, who it is that plans, and for a transfer to whom."""

    forecast: Forecast
    actor: Actor
    to: Actor | None = None


class Doing(Protocol):
    """One verb."""

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """Why it would not be done, in words; empty where it would."""

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """Why a limit would not let it be done, after what the plan does before; empty where none is in the way."""

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether it has been done since the wish."""

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Do it. Raises Refusal."""


def changed_since(environment: Environment, item: BulkItem) -> str:
    """What somebody has done to it since it was shown, in words; empty where nobody has."""
    if environment.phase is Phase.DELETED:
        return "is gone meanwhile"
    if environment.operation != item.operation:
        by = "Berth" if environment.operation_by == BERTH else f"<@{environment.operation_by}>"
        return f"was {_DONE[environment.wanted]} by {by} since this list was shown"
    if environment.owner_id != item.owner_id:
        return f"belongs to <@{environment.owner_id}> since this list was shown"
    return ""


def sessions_by_environment(records: Records, now: datetime) -> Mapping[str, list[str]]:
    """The shells and forwarded ports that stand open anywhere, in words, by the environment's id."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in records.sessions.open_anywhere(now):
        found[one.environment_id].append(session_words(one.by, one.what, now - one.opened_at))
    return found


def _ordered(environment: Environment, wish: Wish, wanted: Wanted) -> bool:
    return environment.wanted is wanted and environment.operation_by == wish.by and environment.operation_at >= wish.at


@dataclass(frozen=True)
class Sleeping:
    """Put to sleep."""

    sleep: Sleep

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """What a person keeps awake, and what is in use, is left."""
        if environment.wanted is Wanted.DELETED:
            return _GOING
        if environment.wanted is Wanted.SLEEPING:
            return "sleeps already"
        if environment.phase in (Phase.PROVISIONING, Phase.FAILED):
            return "is not made yet"
        if environment.awake_until is not None and environment.awake_until > around.now:
            return f"is kept awake by a person for {format_duration(environment.awake_until - around.now)} more"
        return exemption(environment) or "; ".join([*environment.kept_by, *around.sessions])

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """Nothing limits it."""
        return ""

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether this admin has ordered it."""
        return _ordered(environment, wish, Wanted.SLEEPING)

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Order it, unless somebody was faster."""
        _, changed = self.sleep.sleep(actor, item.subject, source, unless=lambda found: changed_since(found, item))
        if not changed:
            raise Refusal("sleeps already")


@dataclass(frozen=True)
class Waking:
    """Wake."""

    sleep: Sleep

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """What is awake, or never was asleep, cannot be woken."""
        if environment.wanted is Wanted.DELETED:
            return _GOING
        if environment.wanted is Wanted.RUNNING and environment.phase is not Phase.FAILED:
            return "is awake already" if environment.phase is Phase.RUNNING else "is on its way already"
        return ""

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """What is awake counts in limits of its own."""
        return outlook.forecast.obstacle(Asking(outlook.actor, wish_of(WishKind.WAKE, environment), environment))

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether this admin has ordered it."""
        return _ordered(environment, wish, Wanted.RUNNING)

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Order it."""
        self.sleep.wake(actor, item.subject, source)


@dataclass(frozen=True)
class Extending:
    """Let it neither sleep nor end for a while."""

    sleep: Sleep
    now: Callable[[], datetime]

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """What is kept for longer already needs no extension."""
        if environment.wanted is Wanted.DELETED:
            return _GOING
        return "is kept for as long already" if self.is_done(environment, wish) else ""

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """How long something is kept is limited."""
        asked = wish_of(WishKind.EXTEND, environment, wish.until - wish.at)
        return outlook.forecast.obstacle(Asking(outlook.actor, asked, environment))

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether it is kept until then, by whomever."""
        kept = environment.awake_until is not None and environment.awake_until >= wish.until
        ends = environment.expires_at is not None and environment.expires_at < wish.until
        return kept and not ends and environment.delete_at is None

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Extend it, so that it reaches as far as it was agreed."""
        left = wish.until - self.now()
        if left <= timedelta():
            raise Refusal(f"the {format_duration(parse_duration(wish.args['duration']))} are over by now")
        self.sleep.extend(actor, item.subject, left, source)


@dataclass(frozen=True)
class Deleting:
    """Delete it with all it holds."""

    environments: Environments

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """What goes already need not be deleted, and what is protected may not."""
        return _GOING if environment.wanted is Wanted.DELETED else protection(environment)

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """Nothing limits it."""
        return ""

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether this admin has ordered it, and it may be gone by now."""
        return _ordered(environment, wish, Wanted.DELETED)

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Order it."""
        self.environments.delete(actor, item.subject, source)


@dataclass(frozen=True)
class Giving:
    """Give it to a colleague; `identify` says who that is, by id."""

    transfer: Transfer
    identify: Callable[[str, str], Actor]

    def obstacle(self, environment: Environment, wish: Wish, around: Circumstances) -> str:
        """What is theirs already, or goes, is not given."""
        if environment.wanted is Wanted.DELETED:
            return _GOING
        return "is theirs already" if self.is_done(environment, wish) else ""

    def too_much(self, environment: Environment, wish: Wish, outlook: Outlook) -> str:
        """What they, and their team, may have is limited."""
        if outlook.to is None:
            return ""
        scopes = [(scope, outlook.to.email) for scope in counting_anew(environment, outlook.to)]
        return outlook.forecast.handing_over(environment, scopes, outlook.actor.id)

    def is_done(self, environment: Environment, wish: Wish) -> bool:
        """Whether it is theirs."""
        return environment.owner_id == wish.args["to"]

    def act(self, actor: Actor, item: BulkItem, wish: Wish, source: Source) -> None:
        """Give it to them."""
        self.transfer.transfer(actor, item.subject, self.identify(actor.workspace_id, wish.args["to"]), source)


def deeds(
    sleep: Sleep,
    environments: Environments,
    transfer: Transfer,
    identify: Callable[[str, str], Actor],
    now: Callable[[], datetime],
) -> Mapping[Verb, Doing]:
    """What can be done to many environments."""
    return {
        Verb.SLEEP: Sleeping(sleep),
        Verb.WAKE: Waking(sleep),
        Verb.EXTEND: Extending(sleep, now),
        Verb.TRANSFER: Giving(transfer, identify),
        Verb.DELETE: Deleting(environments),
    }
