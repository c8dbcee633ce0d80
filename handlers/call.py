"""What a listener works with: who asks for what, with which use cases, and the two kinds of answer.

A function that answers returns data; `handlers.delivery` alone speaks to Slack. So the same answer serves a typed
command, a button in a message, one in a modal and one on the App Home.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_bolt import BoltContext

from bot.rules.actors import Actor
from bot.seams.slack import Message
from bot.usecases import UseCases
from bot.usecases.source import Source
from handlers.blocks import View


@dataclass(frozen=True)
class Call:
    """One thing that one person asks. `berth` is how the bot is mentioned in messages."""

    actor: Actor
    uses: UseCases
    source: Source
    berth: str = "Berth"

    @property
    def tz(self) -> str:
        """The zone the person reads times in."""
        return self.actor.tz

    def now(self) -> datetime:
        """The present instant."""
        return self.uses.clock()


@dataclass(frozen=True)
class Modal:
    """A view to open at once, and the slow work, done in the background, whose result replaces it."""

    view: View
    fill: Callable[[], View] | None = None


@dataclass(frozen=True)
class Later:
    """A message that somebody else must be asked for first, so that it is made where others do not wait for it."""

    message: Callable[[], Message]


Answer = Message | Modal | Later


def uses_of(context: BoltContext) -> UseCases:
    """The use cases that the middleware put into the context."""
    uses: UseCases = context["uses"]
    return uses


def call_of(context: BoltContext) -> Call:
    """The call that the middleware made of the delivery. Raises KeyError where nobody was identified."""
    call: Call = context["call"]
    return call


def known_call(context: BoltContext) -> Call | None:
    """The call, or None where the person was refused before there was one."""
    return call_of(context) if "call" in context else None
