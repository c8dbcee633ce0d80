"""The sections of berth.yaml that settle limits, who is asked for more, and which teams Berth is there for."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from bot.config import values
from bot.config.problems import Refused, suggestion
from bot.config.yaml_places import Parser, Place, scalar
from bot.rules.catalogue import ApprovalPolicy, LimitPolicy
from bot.rules.limit_change import LimitError, read_limit
from bot.rules.limits import DURATIONS, OF_CLUSTERS, SETTABLE, Limit


def limits(place: Place) -> LimitPolicy:
    """What each person, team and cluster may have, and single ones of them by name."""
    return LimitPolicy(**place.accepted(_LIMITS))


def approvals(place: Place) -> ApprovalPolicy:
    """Where admins are asked, how long a request waits, and how long a limit may be raised."""
    return ApprovalPolicy(**place.accepted(_APPROVALS))


def rollout(place: Place) -> tuple[str, ...]:
    """The teams whose members may make environments."""
    if not place.value:
        raise Refused("names no team, so that nobody could make anything: name teams, or leave the key out.")
    return tuple(filter(None, (item.parse(scalar(values.name)) for item in place.items())))


def check_names(place: Place, teams: tuple[str, ...], clusters: tuple[str, ...]) -> None:
    """What is limited or rolled out to by name must exist."""
    whole = place.value if isinstance(place.value, dict) else {}
    listed = whole.get("rollout")
    for index, name in enumerate(listed if isinstance(listed, list) else ()):
        _check(place.at("rollout").at(index), str(name), teams, "teams")
    section = whole.get("limits")
    for key, known in (("teams", teams), ("clusters", clusters)):
        named = section.get(key) if isinstance(section, dict) else None
        for name in named if isinstance(named, dict) else ():
            _check(place.at("limits").at(key).at(name), str(name), known, key)


def _check(place: Place, name: str, known: tuple[str, ...], section: str) -> None:
    if name not in known:
        there = f"there are {', '.join(known)}" if known else "there are none"
        place.refuse(f'"{name}" is not in {section}{suggestion(name, known)}; {there}.')


def _amounts(known: tuple[Limit, ...]) -> Parser[dict[str, Decimal]]:
    table: dict[str, Parser[Any]] = {one.value: scalar(_amount(one)) for one in known}
    return lambda place: place.accepted(table)


def _amount(limit: Limit) -> Callable[[Any], Decimal]:
    def parse(value: Any) -> Decimal:
        if limit in DURATIONS:
            return Decimal(values.duration(value).total_seconds())
        try:
            return read_limit(limit, "" if isinstance(value, bool) else str(value))
        except LimitError as error:
            raise Refused(f"{error}.") from None

    return parse


def _by(name: Callable[[Any], str], amounts: Parser[dict[str, Decimal]]) -> Parser[dict[str, dict[str, Decimal]]]:
    def parser(place: Place) -> dict[str, dict[str, Decimal]]:
        if not isinstance(place.value, dict):
            raise Refused("should be a mapping from names to limits.")
        names = {key: place.at(key).parse(lambda at: name(at.keys[-1])) for key in place.value}
        settled = {names[key]: place.at(key).parse(amounts) for key in place.value}
        return {key: limits for key, limits in settled.items() if key is not None and limits is not None}

    return parser


_LIMITS: Final[Mapping[str, Parser[Any]]] = {
    "person": _amounts(SETTABLE),
    "team": _amounts(SETTABLE),
    "cluster": _amounts(OF_CLUSTERS),
    "people": _by(values.email, _amounts(SETTABLE)),
    "teams": _by(values.name, _amounts(SETTABLE)),
    "clusters": _by(values.name, _amounts(OF_CLUSTERS)),
}
_APPROVALS: Final[Mapping[str, Parser[Any]]] = {
    "channel": scalar(values.channel),
    "expire_after": scalar(values.duration),
    "longest_raise": scalar(values.duration),
}
