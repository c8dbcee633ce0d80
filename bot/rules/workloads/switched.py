"""Kinds that are switched off by a flag: suspended, paused, hibernated, or fitting no node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from bot.rules.words import GROUP
from bot.rules.workloads.kind import PAUSED_REPLICAS, Field, Kind, Object, Readiness

ASLEEP_SELECTOR = f"{GROUP}/asleep"
"""A node label that no node has."""


def suspend() -> Field:
    """`spec.suspend`, which a missing one does not."""
    return Field(("spec", "suspend"), rest=True, absent=False, accepts=lambda value: isinstance(value, bool))


def custom_suspend() -> Field:
    """`spec.suspend` of a custom resource; where it was missing it is missing again."""
    return Field(("spec", "suspend"), rest=True, absent=None, accepts=lambda value: value is None or value is False)


def annotation(name: str, rest: str) -> Field:
    """An annotation that its controller obeys. What somebody had there is put back."""
    return Field(("metadata", "annotations", name), rest, None, accepts=_is_text_or_none)


def node_selector() -> Field:
    """A node selector of the pods that fits no node."""
    selector = ("spec", "template", "spec", "nodeSelector")
    return Field((*selector, ASLEEP_SELECTOR), "true", None, accepts=_is_text_or_none, held=selector)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


@dataclass(frozen=True)
class Switched(Kind):
    """A kind that runs no pods of its own, or tells of none: what it controls stops with it."""

    runs_pods: ClassVar[bool] = False

    def stopped(self, found: Object) -> bool:
        return self.at_rest(found)

    def readiness(self, found: Object) -> Readiness:
        return Readiness(0, 0)

    def describe(self, found: Object) -> str:
        return f"{self.label(found)}{' (stopped)' if self.at_rest(found) else ''}"


@dataclass(frozen=True)
class CronJob(Switched):
    """A kind that starts Jobs by a schedule."""

    def describe(self, found: Object) -> str:
        state = "suspended" if self.at_rest(found) else found["spec"].get("schedule", "")
        return f"{self.label(found)} ({state})"

    def caught_up(self, now: datetime) -> Mapping[str, Any]:
        """A patch of its status by which its controller has missed no run.

        Without it the controller would start a missed run at once when `suspend` ends, and complain of more than a
        hundred missed ones.
        """
        return {"status": {"lastScheduleTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}}


@dataclass(frozen=True)
class ScaledObject(Switched):
    """KEDA's autoscaler: paused, it leaves its target to us. What a person paused is theirs, and stays so."""

    def asks(self, found: Object) -> Sequence[str]:
        # KEDA prefers a number of paused replicas to a plain pause, and would hold its target at it.
        return (*super().asks(found), PAUSED_REPLICAS)

    def stopped(self, found: Object) -> bool:
        return self.at_rest(found) and _condition(found, "Paused") == "True"


@dataclass(frozen=True)
class Hibernated(Switched):
    """A CloudNativePG cluster, whose operator takes its pods away and keeps its volumes."""

    runs_pods: ClassVar[bool] = True

    def stopped(self, found: Object) -> bool:
        return self.at_rest(found) and _condition(found, "cnpg.io/hibernation") == "True"

    def readiness(self, found: Object) -> Readiness:
        if self.at_rest(found):
            return Readiness(0, 0)
        return Readiness(found.get("status", {}).get("readyInstances", 0), found["spec"].get("instances", 1))

    def describe(self, found: Object) -> str:
        count = found["spec"].get("instances", 1)
        return f"PostgreSQL {self.label(found)} ({count} {'instance' if count == 1 else 'instances'})"


@dataclass(frozen=True)
class DaemonSet(Kind):
    """A pod on every node that fits; at rest none does."""

    def rested_by_another(self, found: Object) -> bool:
        return False  # nobody else asks for a node of Berth's label; who wrote last may have changed another one

    def stopped(self, found: Object) -> bool:
        status = found.get("status", {})
        return self.at_rest(found) and not status.get("currentNumberScheduled", 0) and _seen(found)

    def readiness(self, found: Object) -> Readiness:
        status = found.get("status", {})
        ready = status.get("numberReady", 0) if _seen(found) else -1  # -1: what it wants is not known yet
        return Readiness(ready, status.get("desiredNumberScheduled", 0))

    def describe(self, found: Object) -> str:
        count = found.get("status", {}).get("desiredNumberScheduled", 0)
        return f"{self.label(found)} ({count} {'node' if count == 1 else 'nodes'})"


def _seen(found: Object) -> bool:
    """Whether its controller has taken in its newest spec."""
    return bool(found.get("status", {}).get("observedGeneration", 0) >= found["metadata"].get("generation", 0))


def _condition(found: Object, name: str) -> str:
    """The status of one of an object's conditions; "" where it has none of that name."""
    conditions = found.get("status", {}).get("conditions", ())
    return next((str(one.get("status")) for one in conditions if one.get("type") == name), "")
