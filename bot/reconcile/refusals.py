"""That the cluster refuses to change one workload keeps none of the others from being changed; it is told, and tried
again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.seams.cluster import Busy, ClusterError, Forbidden, Refused


@dataclass
class Refusals:
    """What was refused of many changes; `what` is what came of none of them, in words that follow a label."""

    what: str
    gathered: list[tuple[str, Forbidden | Refused | Busy]] = field(default_factory=list)

    @contextmanager
    def apart(self, label: str) -> Iterator[None]:
        """One change. Raises what is no refusal of it alone: it is the cluster itself that asks for patience."""
        try:
            yield
        except (Forbidden, Refused, Busy) as error:
            if error.retry_after is not None:
                raise
            self.gathered.append((label, error))

    def raise_any(self) -> None:
        """Raises ClusterError, which names each that was refused and why, if any was."""
        if self.gathered:
            kind: type[ClusterError] = type(self.gathered[0][1])
            raise kind("; ".join(f"{label} could not be {self.what}: {error}" for label, error in self.gathered))
