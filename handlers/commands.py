"""Which function answers each command. The table of the grammar says what may be typed; this one says who answers."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from slack_bolt import Ack, BoltContext, Respond
from slack_sdk import WebClient

from bot.rules.words import Verb
from handlers.access import linking, sharing, whoami
from handlers.access import listeners as access
from handlers.admin import adoption, announcing, auditing, bulk, mapping, overview, protecting
from handlers.admin import limits as admin_limits
from handlers.admin import listeners as admin
from handlers.call import Answer, Call
from handlers.costs import listeners as costs
from handlers.delivery import Reach, give
from handlers.environments import listeners as environments
from handlers.environments import resizing, transferring
from handlers.grammar import Command, Vocabulary
from handlers.help import listeners as help_
from handlers.leaving import listeners as leaving
from handlers.limits import listeners as limits
from handlers.parsing import parse
from handlers.promptly import Turn
from handlers.sleep import listeners as sleep
from handlers.sleep import schedule, why

ANSWERS: Final[Mapping[str, Callable[[Call, Command], Answer]]] = {
    "": environments.overview,
    "help": help_.help_,
    "create": environments.create,
    "list": environments.listing,
    "status": environments.status,
    "sleep": sleep.sleep,
    "wake": sleep.wake,
    "extend": sleep.extend,
    "resize": resizing.resize,
    "delete": environments.delete,
    "connect": access.connect,
    "disconnect": access.disconnect,
    "share": sharing.share,
    "unshare": sharing.unshare,
    "cost": costs.cost,
    "limits": limits.limits,
    "whoami": whoami.whoami,
    "link": linking.link,
    "unlink": linking.unlink,
    "schedule": schedule.schedule,
    "why": why.why,
    "admin": overview.overview,
    "admin pause": admin.pause,
    "admin resume": admin.resume,
    "admin orphans": leaving.orphans,
    "admin limits": admin_limits.limits,
    "admin map": mapping.map_,
    "admin unmap": mapping.unmap,
    **{f"admin {verb}": bulk.of(verb) for verb in Verb if verb is not Verb.ANNOUNCE},
    "admin adoption": adoption.adoption,
    "admin announce": announcing.announce,
    "admin audit": auditing.audit,
    "admin protect": protecting.protect,
    "admin unprotect": protecting.unprotect,
    "transfer": transferring.transfer,
}


def on_command(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
    """/k8s was typed: acknowledged at once, answered to the person alone as soon as it is judged."""
    ack()
    Turn(Reach(client, body, respond), context).begin(_typed)


def _typed(call: Call, reach: Reach) -> Callable[[], None]:
    return partial(give, reach, call, answered(call, reach.body.get("text") or ""))


def answered(call: Call, line: str) -> Answer:
    """What a line after /k8s is answered with, whether typed or mended and run by a click."""
    command = parse(line, Vocabulary.of(call.uses.catalogue))
    return ANSWERS[command.word](call, command)
