"""One API server without its socket: a request in, an answer out. This is where the parts are put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.cluster.admission import (
    Admission,
    World,
    namespace_lifecycle,
    priority,
    privilege_escalation,
    protected_namespaces,
    service_account,
    storage_class,
)
from bot.sandbox.cluster.answers import Answer, Stream, check_form
from bot.sandbox.cluster.bootstrap import bootstrap
from bot.sandbox.cluster.calls import NOT_FOUND, Call, understand
from bot.sandbox.cluster.controllers import Controllers, Pace
from bot.sandbox.cluster.discovery import Discovery
from bot.sandbox.cluster.errors import Refusal, no_such_resource
from bot.sandbox.cluster.identity import ACCOUNT, AUTHENTICATED, Identity, User, account_groups
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.limits import default_limits, enforce_limits
from bot.sandbox.cluster.metrics import Metrics
from bot.sandbox.cluster.options import check_options
from bot.sandbox.cluster.podsecurity import pod_security
from bot.sandbox.cluster.policies.enforcing import Policies
from bot.sandbox.cluster.quota import enforce_quota
from bot.sandbox.cluster.rbac import Attributes, Rbac
from bot.sandbox.cluster.resources import Resources
from bot.sandbox.cluster.reviews import Reviews
from bot.sandbox.cluster.storage import Store
from bot.sandbox.cluster.subresources import Subresources
from bot.sandbox.cluster.writing import Writes

Clock = Callable[[], datetime]

MUTATING = (namespace_lifecycle, service_account, priority, default_limits, storage_class)
VALIDATING = (protected_namespaces, privilege_escalation, enforce_limits, pod_security)


class TurnedClock:
    """A clock that can be turned forward, as the days of a demo or a test are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self._clock() + self._ahead

    def turn(self, step: timedelta) -> None:
        self._ahead += step


class Api:
    """All state and behaviour of one sandbox cluster; lives on one thread."""

    def __init__(self, clock: Clock, address: str, ca: str, pace: Pace, token_cache: timedelta) -> None:
        self.turned = TurnedClock(clock)
        self.clock = clock = self.turned
        self.kinds = Kinds()
        self.store = Store()
        self.rbac = Rbac(self.store, self.kinds)
        self.identity = Identity(self.store, self.kinds, clock, token_cache)
        policies = Policies(self.store, self.kinds)
        checks = (*VALIDATING, policies, enforce_quota)
        admission = Admission(World(self.store, self.kinds, self.rbac), MUTATING, checks)
        self.writes = Writes(self.store, admission, clock)
        self.controllers = Controllers(self.store, self.writes, self.kinds, ca, pace)
        self.metrics = Metrics(self.store, self.kinds, clock)
        resources = Resources(self.store, self.writes)
        self._resources = resources
        self._subresources = Subresources(resources, self.store, self.writes, self.identity, self.kinds)
        self._reviews = Reviews(self.rbac, self.identity, self.writes.now)
        self._discovery = Discovery(self.kinds, address)
        bootstrap(self.writes, self.kinds)
        self.controllers.run()

    def understand(self, method: str, path: str, query: str, headers: dict[str, str]) -> Call:
        return understand(self.kinds, method, path, query, headers)

    def authenticate(self, call: Call) -> None:
        """Finds the call's user; raises 401 for a bad token and 403 for an impersonation that is not allowed."""
        header = call.headers.get("authorization", "")
        call.user = self.identity.of(header[7:] if header[:7].lower() == "bearer " else None)
        if "impersonate-user" in call.headers:
            call.impersonator, call.user = call.user, self._impersonated(call)

    def _impersonated(self, call: Call) -> User:
        name = call.headers["impersonate-user"]
        groups = tuple(filter(None, call.headers.get("impersonate-group", "").split("\n")))
        self._may_impersonate(call, name, groups)
        if name.startswith(ACCOUNT) and not groups:
            groups = account_groups(name.removeprefix(ACCOUNT).partition(":")[0])
        elif AUTHENTICATED not in groups:
            groups = (*groups, AUTHENTICATED)
        return User(name, groups, call.headers.get("impersonate-uid", ""))

    def _may_impersonate(self, call: Call, name: str, groups: tuple[str, ...]) -> None:
        if name.startswith(ACCOUNT):
            namespace, _, account = name.removeprefix(ACCOUNT).partition(":")
            asks = [Attributes("impersonate", "", "serviceaccounts", namespace, account)]
        else:
            asks = [Attributes("impersonate", "", "users", "", name)]
        asks += [Attributes("impersonate", "", "groups", "", group) for group in groups]
        for ask in asks:
            if not self.rbac.decide(call.user, ask)[0]:
                place = f'in the namespace "{ask.namespace}"' if ask.namespace else "at the cluster scope"
                what = f'cannot impersonate resource "{ask.resource}" in API group "" {place}'
                raise Refusal(
                    403,
                    f'{ask.resource} "{ask.name}" is forbidden: User "{call.user.name}" {what}',
                    {"name": ask.name, "kind": ask.resource},
                )

    def answer(self, call: Call) -> Answer | Stream:
        """Authorises and executes one understood, authenticated call; raises a Refusal."""
        self.rbac.require(call.user, call.attributes(), call.kind)
        if call.kind is None:
            answer = self._discovery.answer(call)
            if answer is None:
                raise no_such_resource() if call.served else Refusal(404, NOT_FOUND)
            return answer
        if call.query or call.verb == "patch":
            check_options(call)
        check_form(call)
        if call.kind.group == "metrics.k8s.io":
            return self.metrics.answer(call)
        if call.kind.plural in self._reviews.handlers:
            return self._reviews.handle(call)
        if call.subresource:
            return self._subresources.handle(call)
        if call.verb == "patch" and "apply-patch" in call.headers.get("content-type", ""):
            self._may_create_by_apply(call)
        return self._resources.handle(call)

    def _may_create_by_apply(self, call: Call) -> None:
        """An apply of what is not there yet also needs the right to create it."""
        kind = call.row
        if self.store.get(kind, call.namespace if kind.namespaced else "", call.name) is None:
            ask = call.attributes()
            create = Attributes("create", ask.group, ask.resource, ask.namespace, ask.name)
            self.rbac.require(call.user, create, kind)
