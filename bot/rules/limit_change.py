"""What is typed to change limits, `cpu=40 memory=80Gi budget=none` or `reset`, as a change. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Final

from bot.rules.durations import DurationError, parse_duration
from bot.rules.limits import AWAKE, BYTES, DURATIONS, Limit
from bot.rules.quantities import UNITS

_QUANTITY: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([A-Za-z]{0,2})", re.ASCII)
_COUNTED: Final = frozenset({Limit.ENVIRONMENTS, Limit.GPU, Limit.AWAKE_ENVIRONMENTS, Limit.AWAKE_GPU})
_CORES: Final = frozenset({Limit.CPU, Limit.AWAKE_CPU})
_GOOD: Final = {
    **dict.fromkeys(_COUNTED, "5"),
    **dict.fromkeys(_CORES, "40 or 500m"),
    Limit.BUDGET: "500",
    **dict.fromkeys(DURATIONS, "7d"),
}


class LimitError(ValueError):
    """What was typed is no limit; the message says why, and shows one."""


@dataclass(frozen=True)
class LimitChange:
    """Limits to set (None: it is not limited any more), or all that was set before to be taken back."""

    settings: dict[Limit, Decimal | None] = field(default_factory=dict)
    reset: bool = False


def read_limit(limit: Limit, text: str) -> Decimal:
    """One limit's value as a number. Raises LimitError."""
    if limit in DURATIONS:
        return _duration(limit, text)
    found = _QUANTITY.fullmatch(text.strip())
    units = UNITS if limit not in _COUNTED | _CORES | {Limit.BUDGET} else {"", "m"} if limit in _CORES else {""}
    try:
        value = Decimal(found[1]) * UNITS[found[2]] if found and found[2] in units else None
    except (InvalidOperation, KeyError):
        value = None
    if value is None or (limit in _COUNTED and value != int(value)):
        raise LimitError(f'"{text[:40]}" is no {_kind(limit)}: try {_GOOD.get(limit, "80Gi")}')
    if limit in BYTES and 0 < value < UNITS["Mi"]:
        meant = f"{found[1]}Gi" if found and not found[2] else "80Gi"
        raise LimitError(f'"{text[:40]}" of {limit.replace("_", " ")} is less than 1Mi: try {meant}')
    return value


def read_change(typed: Sequence[str], known: Sequence[Limit]) -> LimitChange:
    """The change that these words say; no words are no change. Raises LimitError."""
    if [word.casefold() for word in typed] == ["reset"]:
        return LimitChange(reset=True)
    settings: dict[Limit, Decimal | None] = {}
    for word in typed:
        name, sign, value = word.partition("=")
        limit = _named(name.casefold().replace("-", "_"), known)
        if not sign or not value:
            raise LimitError(f'"{word[:40]}" has no value: write {limit}=…, or {limit}=none for no limit')
        settings[limit] = None if value.casefold() == "none" else read_limit(limit, value)
    return LimitChange(settings)


def _named(name: str, known: Sequence[Limit]) -> Limit:
    if name in known:
        return Limit(name)
    near = get_close_matches(name, list(known), 1, 0.6)
    meant = f": did you mean {near[0]}?" if near else f": there are {', '.join(known)}"
    raise LimitError(f'There is no limit "{name[:40]}"{meant}')


def _kind(limit: Limit) -> str:
    """What a value of a limit is."""
    if limit in _COUNTED:
        return f"number of {'GPUs' if limit.endswith('gpu') else 'environments'}"
    if limit is Limit.BUDGET:
        return "amount of money"
    return f"amount of {'CPU' if limit in _CORES else limit.removeprefix(AWAKE)}"


def _duration(limit: Limit, text: str) -> Decimal:
    try:
        return Decimal(parse_duration(text, limit.replace("_", " ")).total_seconds())
    except DurationError as error:
        raise LimitError(str(error).rstrip(".")) from None
