"""What Slack tells by events: the App Home was opened, or a person changed."""

from typing import Any

from slack_bolt import BoltContext
from slack_sdk import WebClient

from bot.rules.permissions import may_administer
from handlers.call import Call, call_of, uses_of
from handlers.delivery import publish
from handlers.environments.listeners import page
from handlers.home import views


def opened(client: WebClient, context: BoltContext, event: dict[str, Any]) -> None:
    """Somebody opened the app; only its tab Home has something to show."""
    if event.get("tab") == "home":
        show(client, call_of(context))


def show(client: WebClient, call: Call, first: int = 0) -> None:
    """Show the person's Home as things are now, from one environment on."""
    everything = call.uses.overview.summary(call.actor) if may_administer(call.actor).allowed else None
    publish(client, call.actor.id, views.of_person(page(call, "mine", first), call.now(), everything))


def first_of(value: str) -> int:
    """Which environment a button of the Home begins its page with."""
    return int(value) if value.isdecimal() else 0


def user_changed(context: BoltContext, event: dict[str, Any]) -> None:
    """Slack says that somebody's e-mail, zone or standing changed, or that they joined: Slack is asked anew."""
    uses_of(context).people.changed(context.team_id or "", event["user"]["id"])


def user_groups_changed(context: BoltContext) -> None:
    """Slack says that its user groups are not as they were: they are read again, whole."""
    uses_of(context).user_groups_changed()
