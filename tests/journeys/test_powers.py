"""The rights that `berth manifests` grants are those that a whole journey uses: none is missing, none is unused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from bot.rules.manifests import PEOPLE_ROLES
from bot.rules.powers import POWERS, Scope
from bot.rules.words import AGENT_BINDING, AGENT_ROLE, HOME_NAMESPACE
from bot.sandbox.cluster.faults import LoggedRequest
from tests.journeys.whole_life import company_with_everything, live
from tests.world import Harbour

pytestmark = [pytest.mark.slow]

BOT: Final = "system:serviceaccount:berth:berth"
_APPLY: Final = "application/apply-patch+yaml"


def test_the_rights_that_are_granted_are_those_that_are_used(port: Harbour, tmp_path: Path) -> None:
    with company_with_everything(port, tmp_path) as company:
        live(company)
    assert port.sandbox is not None
    asked = [request for request in port.sandbox.requests.entries() if request.user == BOT]

    used = {right for request in asked for right in _rights(request)}

    assert {request.path for request in asked if request.status == 403} == set()
    assert used == {
        Right(power.scope is Scope.HOME, power.group, power.resource, verb, name)
        for power in POWERS
        for verb in power.verbs
        for name in power.names or ("",)
    }


class Right(NamedTuple):
    """What RBAC is asked for a request: whether in Berth's own namespace, on what, and to do what.

    Named where the right to do it is limited to names.
    """

    home: bool
    group: str
    resource: str
    verb: str
    name: str = ""


NAMED: Final = {(power.group, power.resource, verb) for power in POWERS if power.names for verb in power.verbs}
_RBAC: Final = "rbac.authorization.k8s.io"


def _rights(request: LoggedRequest) -> Iterator[Right]:
    if request.path == "/version":
        return  # everybody may
    _, root, group, *_ = request.path.split("/")
    group = "" if root == "api" else group
    applied = request.content_type == _APPLY  # makes what is not there
    for verb in [request.verb, *(["create"] if applied else [])]:
        name = request.name if (group, request.resource, verb) in NAMED else ""
        yield Right(request.namespace == HOME_NAMESPACE, group, request.resource, verb, name)
    if (group, request.resource) == (_RBAC, "rolebindings") and applied and request.status < 400:
        yield Right(False, group, "clusterroles", "bind", _ROLES[request.name])


_ROLES: Final = {**PEOPLE_ROLES, AGENT_BINDING: AGENT_ROLE}
