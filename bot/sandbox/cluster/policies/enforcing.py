"""The policies in force over every write that passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.errors import REASONS, forbidden
from bot.sandbox.cluster.kinds import SUBRESOURCES, Kind, Kinds
from bot.sandbox.cluster.policies.compiled import Compiled, Denied, compiled
from bot.sandbox.cluster.policies.inputs import inputs_of
from bot.sandbox.cluster.policies.matching import concerns, matched
from bot.sandbox.cluster.policies.parameters import NotConfigured, params_of
from bot.sandbox.cluster.shapes import Obj, dig
from bot.sandbox.cluster.storage import Change, Store

GROUP: Final = "admissionregistration.k8s.io"
_CODES: Final = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}


@dataclass(frozen=True, slots=True)
class _Hook:
    """A policy, and the bindings that put it into force."""

    name: str
    spec: Obj
    policy: Compiled
    bindings: Sequence[tuple[str, Obj]]

    @property
    def constraints(self) -> Obj:
        found: Obj = self.spec.get("matchConstraints", {})
        return found


class Policies:
    """Refuses what a policy forbids. Policies are read anew when one of them has changed."""

    def __init__(self, store: Store, kinds: Kinds) -> None:
        self._store = store
        self._policies = kinds.named(GROUP, "validatingadmissionpolicies")
        self._bindings = kinds.named(GROUP, "validatingadmissionpolicybindings")
        self._hooks: Sequence[_Hook] | None = None
        self._about: dict[tuple[Kind, str, str], Sequence[_Hook]] = {}
        store.listeners.append(self._hear)

    def _hear(self, change: Change) -> None:
        if change.kind is self._policies or change.kind is self._bindings:
            self._hooks = None
            self._about.clear()

    def __call__(self, world: World, review: Review) -> None:
        """The check. Raises a Refusal, by default a 422."""
        hooks = self._concerned(world, review)
        if not hooks or review.kind.group == GROUP or _is_inner(review):
            return
        denied = [told for hook in hooks for told in _denials(world, review, hook)]
        if denied:
            _refuse(review, *denied[0])

    def _concerned(self, world: World, review: Review) -> Sequence[_Hook]:
        """The policies that are about writes of this sort; worked out once for each sort."""
        sort = (review.kind, review.subresource, review.operation)
        if sort not in self._about:
            if self._hooks is None:
                self._hooks = self._read()
            about = [hook for hook in self._hooks if concerns(world, review, hook.constraints)]
            self._about[sort] = about
        return self._about[sort]

    def _read(self) -> Sequence[_Hook]:
        bindings: dict[str, list[tuple[str, Obj]]] = {}
        for entry in self._store.ordered(self._bindings):
            bindings.setdefault(dig(entry.obj, "spec", "policyName", default=""), []).append((entry.name, entry.obj))
        return [
            _Hook(entry.name, entry.obj["spec"], compiled(entry.obj["spec"]), bindings[entry.name])
            for entry in self._store.ordered(self._policies)
            if entry.name in bindings
        ]


def _is_inner(review: Review) -> bool:
    """Whether this only carries out what was admitted before, as a pod's new node follows its Binding."""
    verbs = SUBRESOURCES[review.subresource][0] if review.subresource in SUBRESOURCES else ("update",)
    return review.operation == "UPDATE" and "update" not in verbs


def _denials(world: World, review: Review, hook: _Hook) -> Sequence[tuple[str, Denied]]:
    kind = matched(world, review, hook.constraints)
    if kind is None:
        return ()
    found: list[tuple[str, Denied]] = []
    inputs = None
    for name, binding in hook.bindings:
        within = dig(binding, "spec", "matchResources")
        if within is not None and matched(world, review, within) is None:
            continue
        inputs = inputs or inputs_of(world, review, kind)
        who = f"ValidatingAdmissionPolicy '{hook.name}' with binding '{name}'"
        for denied in _denied(world, review, hook, binding, inputs):
            actions = binding["spec"]["validationActions"]
            if "Deny" in actions:
                found.append((who, denied))
            if "Warn" in actions and review.warnings is not None:
                review.warnings.append(f"Validation failed for {who}: {denied.message}")
    return found


def _denied(world: World, review: Review, hook: _Hook, binding: Obj, inputs: Obj) -> Iterator[Denied]:
    """What the policy forbids by each of the parameters that a binding gives it; one of them suffices."""
    try:
        params = params_of(world, review, hook.spec, binding["spec"])
    except NotConfigured as error:
        yield from hook.policy.unconfigured(str(error))
        return
    for one in params:
        yield from hook.policy.denials({**inputs, "params": one})


def _refuse(review: Review, who: str, denied: Denied) -> None:
    told = f"{who} denied request: {denied.message}"
    refused = forbidden(review.kind, review.name, told)
    codes = {reason: code for code, reason in REASONS.items()} | _CODES
    refused.code, refused.reason = codes.get(denied.reason, 422), denied.reason
    refused.details = {**(refused.details or {}), "causes": [{"message": told}]}
    raise refused
