"""Which environments an admin means: a few conditions that all must hold, as plain text that a button can carry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.rules.durations import DurationError, parse_duration
from bot.rules.words import Phase

PHASES: tuple[str, ...] = tuple(phase.value.lower().replace("_", "-") for phase in Phase if phase is not Phase.DELETED)
"""The phases of living environments, as they are typed."""

SAID: Mapping[str, str] = {"asleep": Phase.SLEEPING.value.lower(), "awake": Phase.RUNNING.value.lower()}
"""Phases as messages call them, by the word that is kept."""


@dataclass(frozen=True)
class Selection:
    """None is no condition. `owner` is a Slack id, or as typed a name or an e-mail; `name` may have `*` and `?` in it;
    `phase` is one of PHASES; `unused` a duration: nobody has used it for at least so long."""

    team: str | None = None
    cluster: str | None = None
    owner: str | None = None
    phase: str | None = None
    name: str | None = None
    unused: str | None = None

    @staticmethod
    def of(given: Mapping[str, str | None]) -> "Selection":
        """From words and values; those that are no condition are left out."""
        known = {word: value for word, value in given.items() if value and word in Selection.__dataclass_fields__}
        return Selection(**known)

    @staticmethod
    def read(written: str) -> "Selection":
        """What `written` wrote; what is not its work selects everything."""
        try:
            found = json.loads(written)
        except ValueError:
            return Selection()
        pairs = found.items() if isinstance(found, dict) else ()
        return Selection.of({str(word): value for word, value in pairs if isinstance(value, str)})

    def written(self) -> str:
        """As text."""
        return json.dumps(self.given())

    def given(self) -> dict[str, str]:
        """The conditions that there are."""
        return {word: value for word, value in vars(self).items() if value is not None}

    def owned_by(self, owner: str | None) -> "Selection":
        """The same with another owner."""
        return replace(self, owner=owner)

    @property
    def in_phase(self) -> Phase | None:
        """The phase that is meant, if one is known by that word."""
        word = (self.phase or "").upper().replace("-", "_")
        return Phase(word) if word in Phase.__members__ else None

    @property
    def unused_for(self) -> timedelta | None:
        """For how long nobody must have used it."""
        try:
            return parse_duration(self.unused) if self.unused else None
        except DurationError:
            return None
