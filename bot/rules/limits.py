"""What a person, a team and a cluster may have, and what would be too much: pure functions of plain numbers.

Everything is a number by the name of its limit: environments and GPUs are counted, CPU is in cores, memory and storage
in bytes, the budget in money of one currency a calendar month (UTC), the longest ttl and keep-awake in seconds. A limit
that is not there does not hold. An environment claims its size, whatever it uses of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.rules.catalogue import Prices, Size
from bot.rules.durations import format_duration
from bot.rules.quantities import GIB, amount, bytes_plainly, plainly


class Limit(StrEnum):
    """What can be limited. `awake_…` counts only what is awake, or is to be."""

    ENVIRONMENTS = "environments"
    CPU = "cpu"
    MEMORY = "memory"
    STORAGE = "storage"
    GPU = "gpu"
    AWAKE_ENVIRONMENTS = "awake_environments"
    AWAKE_CPU = "awake_cpu"
    AWAKE_MEMORY = "awake_memory"
    AWAKE_STORAGE = "awake_storage"
    AWAKE_GPU = "awake_gpu"
    BUDGET = "budget"
    LONGEST_TTL = "longest_ttl"
    LONGEST_KEEP_AWAKE = "longest_keep_awake"
    ROLLOUT = "rollout"  # whether Berth is there for them at all, while it is rolled out team by team


Amounts = Mapping[Limit, Decimal]

AWAKE: Final = "awake_"
CLAIMED: Final = tuple(one for one in Limit if one not in ("budget", "longest_ttl", "longest_keep_awake", "rollout"))
DURATIONS: Final = frozenset({Limit.LONGEST_TTL, Limit.LONGEST_KEEP_AWAKE})
SETTABLE: Final = tuple(one for one in Limit if one is not Limit.ROLLOUT)
OF_CLUSTERS: Final = tuple(one for one in SETTABLE if one not in DURATIONS)
BYTES: Final = frozenset({Limit.MEMORY, Limit.STORAGE, Limit.AWAKE_MEMORY, Limit.AWAKE_STORAGE})
_WEEK: Final = Decimal(168)  # hours


class ScopeKind(StrEnum):
    """Whose limits they are."""

    PERSON = "person"
    TEAM = "team"
    CLUSTER = "cluster"


@dataclass(frozen=True)
class Scope:
    """A person by their Slack id, a team or a cluster by its name."""

    kind: ScopeKind
    name: str

    @property
    def shown(self) -> str:
        """In a sentence; a person as a mention."""
        return f"<@{self.name}>" if self.kind is ScopeKind.PERSON else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Excess:
    """One limit that a wish would exceed: what is allowed, what is in use by others, and what is asked for beside.

    `had` is what the wish's own environment has of what is asked for already.
    """

    scope: Scope
    limit: Limit
    allowed: Decimal
    used: Decimal
    asked: Decimal
    currency: str = ""
    had: Decimal = Decimal(0)

    @property
    def over(self) -> Decimal:
        """By how much."""
        return self.used + self.asked - self.allowed

    @property
    def needed(self) -> Decimal:
        """The least limit under which the wish would fit."""
        return self.used + self.asked


def claim(size: Size | None, *, awake: bool) -> Amounts:
    """What an environment of a size counts for; one whose size is no longer configured counts as one environment."""
    held = {Limit.ENVIRONMENTS: Decimal(1)}
    if size is not None:
        held |= {
            Limit.CPU: amount(size.cpu),
            Limit.MEMORY: amount(size.memory),
            Limit.STORAGE: amount(size.storage),
            Limit.GPU: Decimal(size.gpu),
        }
    return held | ({Limit(f"{AWAKE}{one}"): value for one, value in held.items()} if awake else {})


def total(claims: Iterable[Amounts]) -> dict[Limit, Decimal]:
    """What several claims are together."""
    found: dict[Limit, Decimal] = {}
    for one in claims:
        for limit, value in one.items():
            found[limit] = found.get(limit, Decimal(0)) + value
    return found


@dataclass(frozen=True)
class Asked:
    """What a wish asks for, what its environment has of it already, and in which currency it would cost."""

    amounts: Amounts
    had: Amounts
    currency: str = ""


def exceeded(scope: Scope, limits: Amounts, used: Amounts, asked: Asked) -> tuple[Excess, ...]:
    """What a wish would exceed of one scope's limits, in the order of the limits.

    `used` is what others than the wish's own environment have. What a wish does not ask more of than its environment
    has already is never in its way, so that whoever is over a limit can still do what makes it no worse.
    """
    none = Decimal(0)
    found = (
        Excess(
            scope,
            limit,
            allowed,
            used.get(limit, none),
            asked.amounts.get(limit, none),
            asked.currency,
            asked.had.get(limit, none),
        )
        for limit in Limit
        if (allowed := limits.get(limit)) is not None
    )
    return tuple(one for one in found if one.asked > one.had and one.over > 0)


def over(limits: Amounts, used: Amounts) -> tuple[Limit, ...]:
    """The limits of a scope that are exceeded now; durations are limits of what is asked for, and never are."""
    return tuple(one for one in limits if one not in DURATIONS and used.get(one, Decimal(0)) > limits[one])


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """The calendar month (UTC) that an instant is in: its beginning and its end."""
    begin = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return begin, (begin + timedelta(days=32)).replace(day=1)


def hourly(size: Size, prices: Prices) -> Decimal:
    """What an hour awake costs at the most by what a size may request."""
    return (
        amount(size.cpu) * prices.cpu_core_hour
        + amount(size.memory) / GIB * prices.memory_gib_hour
        + amount(size.storage) / GIB * prices.storage_gib_hour
        + size.gpu * prices.gpu_hour
    )


def weekly(size: Size, prices: Prices) -> Decimal:
    """What a week awake costs at the most."""
    return hourly(size, prices) * _WEEK


def until_month_ends(rate: Decimal, now: datetime, ends_at: datetime | None) -> Decimal:
    """What a rate an hour comes to until the month ends, or the environment does."""
    _, end = month_of(now)
    left = max((min(end, ends_at) if ends_at else end) - now, timedelta())
    return rate * Decimal(left.total_seconds()) / 3600


def number(limit: Limit, value: Decimal, currency: str = "") -> str:
    """An amount without what it is of: `40`, `80Gi`, `7d`, `500 USD`."""
    if limit in DURATIONS:
        return format_duration(timedelta(seconds=float(value)))
    if limit is Limit.BUDGET:
        return f"{value:,.2f}".removesuffix(".00") + (f" {currency}" if currency else "")
    return bytes_plainly(value) if limit in BYTES else plainly(value)


def written(limit: Limit, value: Decimal, currency: str = "") -> str:
    """An amount with its unit, as it is told: `40 CPU`, `80Gi memory`, `5 environments`, `7d`, `500 USD`."""
    return f"{number(limit, value, currency)} {_unit(limit, value)}".rstrip()


def share(limit: Limit, used: Decimal, allowed: Decimal, currency: str = "") -> str:
    """What is used of what is allowed: `2 of 5 environments`, `8Gi of 80Gi memory`."""
    return f"{number(limit, used)} of {written(limit, allowed, currency)}"


def _unit(limit: Limit, value: Decimal) -> str:
    what = limit.removeprefix(AWAKE)
    if limit in DURATIONS or limit is Limit.BUDGET:
        return ""
    if what == "environments":
        return "environment" if value == 1 else "environments"
    return what if limit in BYTES else what.upper()


def words(limit: Limit) -> str:
    """A limit's name as people read it."""
    return {
        Limit.BUDGET: "a month",
        Limit.LONGEST_TTL: "longest ttl",
        Limit.LONGEST_KEEP_AWAKE: "longest keep-awake",
    }.get(limit, "awake" if limit.startswith(AWAKE) else "in all")


def sentence(excess: Excess, reader: str = "") -> str:
    """What is exceeded and by how much: names the limit, what is used and what is asked. `reader` is told as you.

    What the environment has itself is told as used, so that the numbers are those that `/k8s limits` shows.
    """
    you = excess.scope.kind is ScopeKind.PERSON and excess.scope.name == reader
    limit, currency = excess.limit, excess.currency
    used, more = excess.used + excess.had, excess.asked - excess.had
    told = {"used": used, "more": more, "asked": excess.asked, "over": excess.over, "needed": excess.needed}
    return _SENTENCES.get(limit, _COUNTED if used else _COUNTED_FIRST).format(
        who="you" if you else excess.scope.shown,
        awake=" awake" if limit.startswith(AWAKE) else "",
        allowed=written(limit, excess.allowed, currency),
        are="is" if used == 1 else "are",
        makes="makes" if more == 1 else "make",
        **{name: number(limit, value, currency) for name, value in told.items()},
    )


_COUNTED: Final = (
    "{who} may have at most {allowed}{awake}: {used} {are} in use already, and {more} more {makes} {needed}"
)
_COUNTED_FIRST: Final = (
    "{who} may have at most {allowed}{awake}: nothing of it is in use yet, and this asks for {asked}"
)
_SENTENCES: Final[Mapping[Limit, str]] = {
    Limit.BUDGET: (
        "{who} may spend {allowed} a month: {used} are spent or promised, and this may cost {asked} until it ends, "
        "{over} too much"
    ),
    Limit.LONGEST_TTL: (
        "{who} may let an environment live {allowed} from now on at the most: {asked} is {over} too long"
    ),
    Limit.LONGEST_KEEP_AWAKE: "{who} may keep an environment awake {allowed} at the most: {asked} is {over} too long",
    Limit.ROLLOUT: "Berth is not there for {who} yet: it is being rolled out team by team",
}
