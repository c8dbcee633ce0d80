"""What use cases, passes and doors alike rest on."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.config import Catalogue, Settings
from bot.seams.cluster import Clusters
from bot.seams.slack import Slack
from store.database import Store

Nudge = Callable[[], None]  # something was promised: begin at once


@dataclass(frozen=True)
class Foundation:
    """What a bot was told, what it remembers by, and its ways to the outside worlds."""

    settings: Settings
    catalogue: Catalogue
    clock: Clock
    store: Store
    slack: Slack
    clusters: Clusters
