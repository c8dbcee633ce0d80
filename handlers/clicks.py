"""Which function answers each button and form. A click asks the same use cases as a command, and anew for leave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from slack_bolt import Ack, BoltContext, Respond
from slack_sdk import WebClient

from bot.rules.foreign import cleaned_through
from bot.seams.slack import Message
from handlers.access import linking, sharing
from handlers.access import listeners as access
from handlers.admin import auditing, bulk, overview
from handlers.blocks import View, section
from handlers.call import Answer, Call, call_of
from handlers.chosen import value_of
from handlers.commands import answered
from handlers.costs import listeners as costs
from handlers.delivery import Place, Reach, give, tell
from handlers.environments import listeners as environments
from handlers.environments import resizing, transferring
from handlers.environments.views import overview as mine
from handlers.help import listeners as help_
from handlers.home import listeners as home
from handlers.ids import ActionId, CallbackId, original
from handlers.leaving import listeners as leaving
from handlers.limits import listeners as limits
from handlers.promptly import Turn
from handlers.sleep import exempting, schedule, why
from handlers.sleep import listeners as sleep

OLDER: Final = "This button is from an older version of Berth; here is what is so now."


@dataclass(frozen=True)
class Click:
    """One row: who answers. `turns`: the answer takes the place of a message or modal that only the clicker sees."""

    answer: Callable[[Call, str], Answer]
    turns: bool = False


CLICKS: Final[Mapping[ActionId, Click]] = {
    ActionId.COMMAND_RUN: Click(answered, turns=True),
    ActionId.HELP_SHOW: Click(help_.help_clicked),
    ActionId.ENVIRONMENT_FORM: Click(environments.form_asked),
    ActionId.ENVIRONMENT_LIST: Click(environments.listed, turns=True),
    ActionId.ENVIRONMENT_STATUS: Click(environments.status_clicked),
    ActionId.ENVIRONMENT_SLEEP: Click(sleep.sleep_clicked),
    ActionId.ENVIRONMENT_WAKE: Click(sleep.wake_clicked),
    ActionId.ENVIRONMENT_EXTEND: Click(sleep.extend_clicked),
    ActionId.ENVIRONMENT_DELETE: Click(environments.delete_clicked),
    ActionId.ENVIRONMENT_CONNECT: Click(access.connect_clicked),
    ActionId.ENVIRONMENT_EXEMPT: Click(exempting.exempt_clicked),
    ActionId.ENVIRONMENT_EXEMPT_END: Click(exempting.exempt_end_clicked),
    ActionId.LINK_CONFIRM: Click(linking.confirm_clicked),
    ActionId.LINK_UNDO: Click(linking.undo_clicked),
    ActionId.ACCESS_UNSHARE: Click(sharing.unshare_clicked),
    ActionId.ACCESS_DISCONNECT: Click(access.disconnect_clicked),
    ActionId.COST_SHOW: Click(costs.cost_clicked),
    ActionId.ENVIRONMENT_WHY: Click(why.why_clicked),
    ActionId.ENVIRONMENT_SCHEDULE: Click(schedule.schedule_clicked),
    ActionId.ENVIRONMENT_TAKE: Click(leaving.take_clicked),
    ActionId.ENVIRONMENT_RESIZE: Click(resizing.resize_clicked),
    ActionId.LIMIT_ASK: Click(limits.ask_clicked),
    ActionId.LIMIT_APPROVE: Click(limits.approve_clicked),
    ActionId.LIMIT_APPROVE_UNTIL: Click(limits.until_clicked),
    ActionId.LIMIT_DENY: Click(limits.deny_clicked),
    ActionId.ADMIN_OVERVIEW: Click(overview.overview_clicked),
    ActionId.ADMIN_PAGE: Click(overview.overview_clicked, turns=True),
    ActionId.ADMIN_BULK: Click(bulk.clicked),
    ActionId.ADMIN_AUDIT: Click(auditing.audit_clicked),
    ActionId.ADMIN_AUDIT_PAGE: Click(auditing.audit_clicked, turns=True),
    ActionId.ADMIN_AUDIT_EXPORT: Click(auditing.export_clicked),
    ActionId.ADMIN_SHOW: Click(overview.shown),
    **dict.fromkeys(overview.FILTERS, Click(overview.filtered, turns=True)),
}

SUBMISSIONS: Final[Mapping[CallbackId, Callable[[Call, dict[str, Any]], View]]] = {
    CallbackId.ENVIRONMENT_CREATE: environments.form_submitted,
    CallbackId.ENVIRONMENT_DELETE: environments.delete_sure,
    CallbackId.ENVIRONMENT_EXEMPT: exempting.exempt_given,
    CallbackId.ENVIRONMENT_RESIZE: resizing.size_chosen,
    CallbackId.ENVIRONMENT_TRANSFER: transferring.transfer_sure,
    CallbackId.LIMIT_ASK: limits.asked,
    CallbackId.LIMIT_APPROVE_UNTIL: limits.approved_until,
    CallbackId.LIMIT_DENY: limits.denied,
    CallbackId.LINK_CODE: linking.code_given,
    CallbackId.ADMIN_BULK: bulk.agreed,
    CallbackId.ADMIN_BULK_DELETE: bulk.agreed,
    CallbackId.ADMIN_BULK_WHOM: bulk.whom_given,
}


def on_click(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
    """A button was clicked, wherever it stands."""
    ack()
    Turn(Reach(client, body, respond), context).begin(_clicked)


def _clicked(call: Call, reach: Reach) -> Callable[[], None]:
    action = reach.body["actions"][0]
    click = CLICKS[ActionId(original(action["action_id"]))]
    return partial(_give, reach, call, click.answer(call, value_of(reach.body)), replace=click.turns)


def _give(reach: Reach, call: Call, answer: Answer, *, replace: bool) -> None:
    give(reach, call, answer, replace=replace)
    if reach.place is Place.HOME:
        home.show(reach.client, call)


def on_home_shown(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
    """A button turned or refreshed the App Home."""
    ack()
    Turn(Reach(client, body, respond), context).begin(_home_shown)


def _home_shown(call: Call, reach: Reach) -> Callable[[], None]:
    first = home.first_of(reach.body["actions"][0].get("value") or "")
    return partial(home.show, reach.client, call, first)


def on_submitted(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    """A form was sent; its answer takes its place."""
    view = body["view"] | {"state": cleaned_through(body["view"].get("state") or {})}
    answer = SUBMISSIONS[CallbackId(view["callback_id"])](call_of(context), view)
    ack(response_action="update", view=answer.block())


def on_older_button(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
    """A button that no row knows: it was made by another version of Berth."""
    ack()
    Turn(Reach(client, body, respond), context).begin(_older)


def _older(call: Call, reach: Reach) -> Callable[[], None]:
    now = mine(environments.page(call, "mine"))
    return partial(tell, reach, Message(f"{OLDER} {now.text}", [section(OLDER), *now.blocks]))


def on_older_form(ack: Ack) -> None:
    """A form that no row knows."""
    view = View("Berth", [section("This form is from an older version of Berth. Please open it again.")])
    ack(response_action="update", view=view.block())
