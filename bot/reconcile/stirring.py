"""What people are told when something stirs in an environment that sleeps: what was started again, or is new there.

Each is said once: the same thing said of the same sleep is the same message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.reconcile.voice import Saying, Voice
from store.records import Records
from store.tables import Environment

STARTED, NEW, UNDONE, AWAKE = "started", "new", "undone", "awake"
"""What happened: somebody started something, something is new, or the whole sleep was undone again and again."""


@dataclass(frozen=True)
class Stir:
    """What happened, which objects it concerns in words, and what to change so that it does not happen again."""

    happened: str
    what: Sequence[str]
    advice: str = ""


def tell(voice: Voice, records: Records, environment: Environment, stir: Stir) -> None:
    """Tell the environment's people, unless they were told of this very thing in this sleep."""
    said = sha256("\n".join([stir.happened, *stir.what]).encode()).hexdigest()[:16]
    facts = {
        "environment_id": environment.id,
        "name": environment.name,
        "happened": stir.happened,
        "what": list(stir.what),
        "advice": stir.advice,
    }
    voice.say(
        records, environment, Saying(f"stirred:{environment.id}:{environment.sleep_cycle}:{said}", "stirred", facts)
    )
