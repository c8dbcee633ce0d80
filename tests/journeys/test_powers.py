"""The rights that `berth manifests` grants are those that a whole journey uses: none is missing, none is unused."""

from pathlib import Path
from typing import Final

import pytest

from bot.rules.powers import POWERS, Scope
from bot.rules.words import HOME_NAMESPACE
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
        (power.scope is Scope.HOME, power.group, power.resource, verb)
        for power in POWERS
        for verb in power.verbs
        if not (verb == "list" and power.scope is Scope.ENVIRONMENT)
    } | {(False, power.group, power.resource, "list") for power in POWERS if "list" in power.verbs}


def _rights(request: LoggedRequest) -> set[tuple[bool, str, str, str]]:
    """What RBAC is asked for a request: whether in Berth's own namespace, on what of which group, and to do what."""
    if request.path == "/version":
        return set()  # everybody may
    home = request.namespace == HOME_NAMESPACE
    group = request.path.split("/")[2] if request.path.startswith("/apis/") else ""
    rights = {(home, group, request.resource, request.verb)}
    if request.content_type == _APPLY:  # server-side apply makes what is not there
        rights.add((home, group, request.resource, "create"))
    if request.resource == "rolebindings":
        rights.add((False, group, "clusterroles", "bind"))
    return rights
