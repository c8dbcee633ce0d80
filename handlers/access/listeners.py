"""What is answered to those who want access."""

from bot.rules.permissions import Action, Relation, relations
from bot.usecases.intents import authorise
from handlers.access import views
from handlers.blocks import View
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from store.tables import Environment


def connect(call: Call, command: Command) -> Modal:
    """/k8s connect"""
    return _connect(call, call.uses.environments.named(call.actor, command.value("name")))


def connect_clicked(call: Call, environment_id: str) -> Modal:
    """The button Connect."""
    return _connect(call, call.uses.environments.by_id(call.actor, environment_id))


def disconnect(call: Call, command: Command) -> Modal:
    """/k8s disconnect"""
    return _disconnect(call)


def disconnect_clicked(call: Call, value: str) -> Modal:
    """The button End all my kubeconfigs."""
    return _disconnect(call)


def _connect(call: Call, row: Environment) -> Modal:
    authorise(call.actor, Action.CONNECT, row)
    return Modal(loading("Connect", f"Getting a kubeconfig for {row.name}"), lambda: _kubeconfig(call, row))


def _disconnect(call: Call) -> Modal:
    by_login = [spec.name for spec in call.uses.catalogue.clusters if spec.oidc is not None]
    return Modal(
        loading("Disconnect", "Ending every kubeconfig of yours"),
        lambda: views.disconnected(call.uses.revocations.disconnect(call.actor, call.source), by_login),
    )


def _kubeconfig(call: Call, row: Environment) -> View:
    works = bool(relations(call.actor, row) & {Relation.OWNER, Relation.EDITOR})  # what a lead may is in Slack alone
    return views.kubeconfig(row, call.uses.access.connect(call.actor, row.id, call.source), call.tz, works=works)
