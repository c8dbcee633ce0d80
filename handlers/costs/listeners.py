"""What is answered to those who ask what it costs."""

from bot.seams.slack import Message
from handlers.call import Call
from handlers.costs import views
from handlers.grammar import Command


def cost(call: Call, command: Command) -> Message:
    """/k8s cost: of one environment, or of all the person's own."""
    if "name" not in command.given:
        return cost_clicked(call, "")
    row = call.uses.environments.named(call.actor, command.given["name"])
    return views.report(call.uses.costs.environment(call.actor, row.id), call.tz)


def cost_clicked(call: Call, value: str) -> Message:
    """The button Costs."""
    return views.report(call.uses.costs.mine(call.actor), call.tz)
