"""Acknowledge first, then work: how commands and clicks are served.

Slack gives an acknowledgement three seconds, and twenty people may ask at once. So a listener acknowledges before
anything is read, and the work (whether this delivery was handled already, who acts, what is answered) is done right
after, one by one, so that it does not keep others' acknowledgements waiting. What goes wrong is told to the person
by the same words as everywhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from slack_bolt import BoltContext

from handlers import middleware
from handlers.call import Call, uses_of
from handlers.delivery import Reach, tell
from handlers.errors import who, words_to
from handlers.refusals import note_refusal

Work = Callable[[Call, Reach], Callable[[], None]]
"""Judges what was asked, and gives back what is left: telling Slack."""


@dataclass(frozen=True)
class Turn:
    """One command or click that was acknowledged."""

    reach: Reach
    context: BoltContext

    def begin(self, work: Work) -> None:
        """Do the work soon, and tell Slack after it on threads that may wait for Slack."""
        uses_of(self.context).promptly(partial(self._guarded, partial(self._work, work)))

    def _work(self, work: Work) -> None:
        uses = uses_of(self.context)
        if not uses.first_delivery(middleware.request_id(self.reach.body)):
            return
        if uses.people.known(self.context.team_id or "", self.context.user_id or ""):
            self._judge(work)
        else:  # Slack has to be asked who it is, and nobody else should wait for that
            uses.background(partial(self._guarded, partial(self._judge, work)))

    def _judge(self, work: Work) -> None:
        call = middleware.identified(self.reach.body, self.context)
        uses_of(self.context).background(partial(self._guarded, work(call, self.reach)))

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - whatever it is: no listener is around it any more, and the person is told here
            said = words_to(error, self.reach.body, self.context)
            uses_of(self.context).background(partial(tell, self.reach, said))
            note_refusal(error, self.reach.body, who(self.context), uses_of(self.context))
