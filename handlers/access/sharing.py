"""What is answered to those who share an environment, and to those who take that back."""

from bot.rules.permissions import Action
from bot.rules.words import AccessLevel
from bot.seams.slack import Message
from bot.usecases.intents import authorise
from bot.usecases.sharing import Offer
from handlers.access import sharing_views as views
from handlers.call import Call, Later
from handlers.grammar import Command


def share(call: Call, command: Command) -> Later:
    """/k8s share: who is meant may have to be asked of Slack."""
    row = call.uses.environments.named(call.actor, command.value("name"))
    authorise(call.actor, Action.SHARE, row)
    access = AccessLevel(command.given.get("access", AccessLevel.VIEW))
    offer = Offer(command.value("whom"), access, command.duration("duration"))
    return Later(lambda: views.given(call.uses.sharing.share(call.actor, row.id, offer, call.source), call.tz))


def unshare(call: Call, command: Command) -> Later:
    """/k8s unshare"""
    row = call.uses.environments.named(call.actor, command.value("name"))
    whom = command.value("whom")
    return Later(lambda: views.taken(call.uses.sharing.unshare(call.actor, row.id, whom, call.source)))


def unshare_clicked(call: Call, value: str) -> Message:
    """The buttons Remove access: `id subject`."""
    environment_id, _, subject = value.partition(" ")
    return views.taken(call.uses.sharing.unshare_subject(call.actor, environment_id, subject, call.source))
