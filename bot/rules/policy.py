"""Which sleep policy applies to an environment, and who settled each part of it.

What is settled for the environment itself goes before its template, that before its team, and that before the company's
default. What a person does now (keep awake, sleep now) goes before all of them; that is `bot.rules.agenda`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from bot.rules.catalogue import Catalogue, SleepSettings
from bot.rules.working_hours import WorkingHours, without_past

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Ruled(Generic[T_co]):
    """A value and the rule it comes from, in words that stand in brackets behind it."""

    value: T_co
    rule: str


@dataclass(frozen=True)
class Policy:
    """What applies to one environment."""

    idle_after: Ruled[timedelta]
    warn_before: Ruled[timedelta]
    working_hours: Ruled[WorkingHours | None]


@dataclass(frozen=True)
class Standing:
    """What of an environment its policy depends on: its own settings, and the names of its template and team."""

    own: SleepSettings
    template: str
    team: str | None


def policy_of(standing: Standing, catalogue: Catalogue) -> Policy:
    """The policy that applies to an environment."""
    layers = list(_layers(standing, catalogue))
    idle_after: Ruled[timedelta] = _first(layers, "idle_after")
    warn_before: Ruled[timedelta] = _first(layers, "warn_before")
    if warn_before.value >= idle_after.value:  # settled in different places: the warning comes halfway
        warn_before = Ruled(idle_after.value / 2, idle_after.rule)
    return Policy(idle_after, warn_before, _first(layers, "working_hours"))


def to_come(policy: Policy, now: datetime) -> Policy:
    """The policy as it is told: without the exceptions from working hours that are over."""
    hours = policy.working_hours
    if hours.value is None:
        return policy
    return replace(policy, working_hours=Ruled(without_past(hours.value, now), hours.rule))


def _layers(standing: Standing, catalogue: Catalogue) -> Iterator[tuple[SleepSettings, str]]:
    yield standing.own, "set for this environment"
    template = next((one for one in catalogue.templates if one.name == standing.template), None)
    if template is not None:
        yield template.sleep, f"template {template.name}"
    team = catalogue.team(standing.team) if standing.team else None
    if team is not None:
        yield team.sleep, f"team {team.name}"
    default = catalogue.sleep
    yield SleepSettings(default.idle_after, default.warn_before, default.working_hours), "the company's default"


def _first(layers: list[tuple[SleepSettings, str]], name: str) -> Ruled[Any]:
    """The first layer's value that settles it; the last layer's else."""
    settled = ((getattr(settings, name), rule) for settings, rule in layers)
    value, rule = next((one for one in settled if one[0] is not None), (None, layers[-1][1]))
    return Ruled(value, rule)
