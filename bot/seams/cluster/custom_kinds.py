"""The custom kinds that sleep on one cluster: which of those configured it has, and where their replicas are."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.rules.workloads import Kind, custom_scaled

_BELIEVED_SECONDS: Final = 300.0  # a definition that is new, or changed, is seen after this long


class CustomKinds:
    """Reads the definitions of the configured kinds, now and then. Safe to share between threads."""

    def __init__(self, names: Sequence[str], read: Callable[[str], Mapping[str, Any] | None]) -> None:
        self._names = names
        self._read = read
        self._known: tuple[float, Mapping[str, Kind]] = (0.0, {})

    def known(self) -> Mapping[str, Kind]:
        """Those that the cluster has, by key. Raises what reading raises."""
        until, kinds = self._known
        if until <= time.monotonic():
            found = [custom_scaled(definition) for name in self._names if (definition := self._read(name))]
            kinds = {kind.key: kind for kind in found if kind is not None}
            self._known = (time.monotonic() + _BELIEVED_SECONDS, kinds)
        return kinds
