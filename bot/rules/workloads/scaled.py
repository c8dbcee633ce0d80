"""Kinds that run as many pods as a number of replicas says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.rules.workloads.kind import Field, Kind, Object, Readiness, walk


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def replicas() -> Field:
    """A number of replicas; the API server makes a missing one 1."""
    return Field(("spec", "replicas"), rest=0, absent=1, accepts=_is_count)


def custom_replicas(path: Sequence[str] = ("spec", "replicas")) -> Field:
    """A number of replicas of a custom resource; a missing one is its operator's to choose, and is missing again."""
    return Field(tuple(path), rest=0, absent=None, accepts=lambda value: value is None or _is_count(value))


@dataclass(frozen=True)
class Scaled(Kind):
    """A kind with replicas."""

    def stopped(self, found: Object) -> bool:
        return self.at_rest(found) and not found.get("status", {}).get("replicas")

    def readiness(self, found: Object) -> Readiness:
        status = found.get("status", {})
        # Some controllers write their observed generation as text, or not at all.
        seen = int(status.get("observedGeneration", 0)) >= found["metadata"].get("generation", 0)
        return Readiness(status.get("readyReplicas", 0) if seen else 0, self.wanted(found))

    def wanted(self, found: Object) -> int:
        """How many replicas it asks for."""
        count = self.field.read(found)
        return 1 if count is None else int(count)

    def describe(self, found: Object) -> str:
        count = self.wanted(found)
        return f"{self.label(found)} ({count} {'replica' if count == 1 else 'replicas'})"


@dataclass(frozen=True)
class StatefulSet(Scaled):
    """A kind with replicas whose volumes may go with them."""

    def objection(self, found: Object) -> str:
        policy = found["spec"].get("persistentVolumeClaimRetentionPolicy", {})
        if policy.get("whenScaled") == "Delete":
            return "stays awake: scaling it down would delete its volumes (whenScaled: Delete)"
        return super().objection(found)


@dataclass(frozen=True)
class CustomScaled(Scaled):
    """A custom resource whose definition says where its replicas are, and where `counted` are told."""

    counted: tuple[str, ...] = ("status", "replicas")

    def stopped(self, found: Object) -> bool:
        return self.at_rest(found) and not walk(found, self.counted)

    def readiness(self, found: Object) -> Readiness:
        wanted = self.wanted(found)
        running = walk(found, self.counted)
        return Readiness(running if _is_count(running) else wanted, wanted)


def custom_scaled(definition: Object) -> CustomScaled | None:
    """The kind that a CustomResourceDefinition tells of; None where it is not namespaced or has no scale."""
    spec = definition["spec"]
    served = [version for version in spec["versions"] if version.get("served") and _scale(version)]
    if spec.get("scope") != "Namespaced" or not served:
        return None
    version = next((each for each in served if each.get("storage")), served[0])
    scale = _scale(version)
    return CustomScaled(
        *(spec["names"]["kind"], spec["group"], version["name"], spec["names"]["plural"]),
        custom_replicas(_path(scale["specReplicasPath"])),
        optional=True,
        counted=_path(scale["statusReplicasPath"]),
    )


def _scale(version: Object) -> Mapping[str, str]:
    scale: Mapping[str, str] = version.get("subresources", {}).get("scale") or {}
    return scale


def _path(written: str) -> tuple[str, ...]:
    """The steps of a path as definitions write them, `.spec.replicas`; they know no lists."""
    return tuple(step for step in written.split(".") if step)
