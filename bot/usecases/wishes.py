"""What a person wants done, as a value: a limit can refuse it, it can be asked for with a reason, and be done later."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from bot.rules.durations import format_duration
from bot.rules.limits import Excess
from bot.rules.names import slug
from bot.usecases.refusal import Refusal
from store.tables import Environment

_TEXTS: Final = ("environment_id", "template", "size", "team", "cluster")
_LONGEST: Final = 10 * 366 * 86_400  # seconds: no duration that can be typed is longer
_WORD: Final = re.compile(r"[a-z0-9-]{1,30}", re.ASCII | re.IGNORECASE)


class WishKind(StrEnum):
    """What can be limited."""

    CREATE = "create"
    WAKE = "wake"
    EXTEND = "extend"
    EXTEND_END = "extend its end"
    RESIZE = "resize"


@dataclass(frozen=True)
class Wish:
    """One of them: of a new environment by its `name` as typed, of one that exists by its id too.

    `seconds` are a ttl, or for how long from when it is done.
    """

    kind: WishKind
    name: str
    environment_id: str | None = None
    template: str | None = None
    size: str | None = None
    seconds: int | None = None
    team: str | None = None
    cluster: str | None = None

    @property
    def duration(self) -> timedelta | None:
        """Its ttl, or for how long."""
        return timedelta(seconds=self.seconds) if self.seconds is not None else None

    def kept(self) -> dict[str, Any]:
        """As plain values, without what is not said."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @staticmethod
    def read(kept: Mapping[str, Any]) -> "Wish":
        """From plain values, wherever they come from. Raises ValueError for what is no wish."""
        try:
            seconds = None if kept.get("seconds") is None else int(kept["seconds"])
            texts = {key: str(kept[key]) for key in _TEXTS if kept.get(key) is not None}
            wish = Wish(WishKind(kept["kind"]), str(kept["name"]), **texts, seconds=seconds)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ValueError("no wish") from error
        if seconds is not None and not 0 <= seconds <= _LONGEST:
            raise ValueError("no duration")
        return wish

    def line(self) -> str:
        """As it would be typed after /k8s.

        Whoever decides about it must see all of it: a name that is long, or reads as other options, stands as it is
        called.
        """
        lasting = format_duration(self.duration) if self.duration is not None else None
        match self.kind:
            case WishKind.CREATE:
                options = {"template": self.template, "size": self.size, "ttl": lasting}
                options |= {"team": self.team, "cluster": self.cluster}
                return " ".join(
                    [f"create {_called(self.name)}", *(f"{key}={one}" for key, one in options.items() if one)]
                )
            case WishKind.WAKE:
                return f"wake {self.name}{f' for {lasting}' if lasting else ''}"
            case WishKind.RESIZE:
                return f"resize {self.name} {self.size}"
            case _:
                return f"extend {self.name} {lasting}"


def _called(name: str) -> str:
    if _WORD.fullmatch(name):
        return name
    try:
        return slug(name)
    except ValueError:
        return ""


def wish_of(kind: WishKind, environment: Environment, duration: timedelta | None = None) -> Wish:
    """The wish for what exists."""
    seconds = None if duration is None else round(duration.total_seconds())  # a moment goes by until it is judged
    return Wish(kind, environment.name, environment.id, seconds=seconds)


class OverLimit(Refusal):
    """Limits stand in the way of a wish: `reasons` says which. Where somebody can be asked for more, it is offered."""

    def __init__(
        self, reasons: Sequence[str], hint: str, wish: Wish, excesses: Sequence[Excess], *, can_ask: bool
    ) -> None:
        super().__init__(". ".join(reasons), hint)
        self.reasons = tuple(reasons)
        self.wish = wish
        self.excesses = tuple(excesses)
        self.can_ask = can_ask
