"""Which writes a policy or a binding is about: its rules, its exclusions and its selectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.sandbox.cluster.admission import Review, World
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.selectors import labels_match
from bot.sandbox.cluster.shapes import Obj, dig

Labels = Mapping[str, str]


def matched(world: World, review: Review, resources: Obj) -> Kind | None:
    """The kind, in the version that the rules name, if these ``matchResources`` are about a write; else None."""
    policy = resources.get("matchPolicy", "Equivalent")
    if _by_rules(world, review, resources.get("excludeResourceRules") or (), policy) is not None:
        return None
    rules = resources.get("resourceRules")
    kind = _by_rules(world, review, rules, policy) if rules else review.kind
    if kind is None or not _selected(world, review, resources):
        return None
    return kind


def concerns(world: World, review: Review, resources: Obj) -> bool:
    """Whether the rules are about such writes at all, whatever the names and labels: the same for all of one sort."""
    rules = [{**rule, "resourceNames": None} for rule in resources.get("resourceRules") or ()]
    return not rules or _by_rules(world, review, rules, resources.get("matchPolicy", "Equivalent")) is not None


def _by_rules(world: World, review: Review, rules: Iterable[Obj], policy: str) -> Kind | None:
    for rule in rules:
        if _covers(rule, review, review.kind):
            return review.kind
    if policy == "Equivalent":
        for kind in world.kinds.equivalents(review.kind):
            if any(_covers(rule, review, kind) for rule in rules):
                return kind
    return None


def _covers(rule: Obj, review: Review, kind: Kind) -> bool:
    names = rule.get("resourceNames")
    return (
        _one_of(rule.get("operations", ()), review.operation)
        and _one_of(rule.get("apiGroups", ()), kind.group)
        and _one_of(rule.get("apiVersions", ()), kind.version)
        and any(_names(resource, kind.plural, review.subresource) for resource in rule.get("resources", ()))
        and rule.get("scope", "*") in ("*", "Namespaced" if kind.namespaced else "Cluster")
        and (not names or review.asked_name in names)
    )


def _one_of(listed: Iterable[str], wanted: str) -> bool:
    return any(one in ("*", wanted) for one in listed)


def _names(resource: str, plural: str, subresource: str) -> bool:
    """``pods`` is the object alone, ``pods/*`` the object and all below it, ``*`` every object alone."""
    main, _, below = resource.partition("/")
    return main in ("*", plural) and below in ("*", subresource)


def _selected(world: World, review: Review, resources: Obj) -> bool:
    spaces, objects = resources.get("namespaceSelector"), resources.get("objectSelector")
    is_somewhere = bool(review.namespace) or review.is_namespace
    if spaces and is_somewhere and not labels_match(spaces, _labels_of_space(world, review)):
        return False
    known = [obj for obj in (review.new, review.old) if obj is not None]
    return not objects or any(labels_match(objects, _labels(obj)) for obj in known)


def _labels_of_space(world: World, review: Review) -> Labels:
    """A namespace that is made or changed is judged by what it will be."""
    if review.is_namespace and not review.subresource and review.new is not None:
        return _labels(review.new)
    return _labels(world.namespace(review.namespace or review.name))


def _labels(obj: Obj | None) -> Labels:
    found: Labels = dig(obj or {}, "metadata", "labels", default={})
    return found
