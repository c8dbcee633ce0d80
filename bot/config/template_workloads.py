"""What a template's workloads lack without which no API server makes them.

Not all that an API server would refuse, but what is surely missing: so that the operator hears of it at the start, and
not the first engineer. The rules are those of Kubernetes 1.36.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Keys = tuple[str | int, ...]
Lack = tuple[Keys, str]  # where, beneath the object, and what

_POD_TEMPLATES: Final[Mapping[str, Keys]] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_SELECTING: Final = frozenset({"Deployment", "StatefulSet"})
_RESTARTS: Final[Mapping[str, tuple[str, ...]]] = {"CronJob": ("OnFailure", "Never")}


def lacks(body: Mapping[str, Any]) -> Iterator[Lack]:
    """Everything that is missing in an object of a template."""
    kind = str(body["kind"])
    if kind not in _POD_TEMPLATES:
        return
    path = _POD_TEMPLATES[kind]
    if kind in _SELECTING:
        yield from _selector(kind, body, path)
    if kind == "CronJob" and not _at(body, ("spec", "schedule")):
        yield ("spec", "schedule"), 'is missing: say when it runs, as "0 6 * * *".'
    yield from _pod(kind, body, (*path, "spec"))


def _selector(kind: str, body: Mapping[str, Any], path: Keys) -> Iterator[Lack]:
    selector = _mapping(_at(body, ("spec", "selector")))
    labels = _mapping(_at(body, (*path, "metadata", "labels")))
    wanted = _mapping(selector.get("matchLabels"))
    if not wanted and not selector.get("matchExpressions"):
        yield ("spec", "selector"), f"is missing: a {kind} finds its pods by matchLabels, as {{app: api}}."
    unmatched = {key: value for key, value in wanted.items() if labels.get(key) != value}
    if unmatched:
        told = ", ".join(f"{key}: {value}" for key, value in unmatched.items())
        yield (
            (*path, "metadata", "labels"),
            f"lacks {told}, by which spec.selector looks for its pods: give the pods the labels of matchLabels.",
        )


def _pod(kind: str, body: Mapping[str, Any], path: Keys) -> Iterator[Lack]:
    pod = _mapping(_at(body, path))
    if not _list(pod.get("containers")):
        yield (*path, "containers"), f"is missing: a {kind} needs at least one container with a name and an image."
    allowed = _RESTARTS.get(kind, ("Always",))
    if pod.get("restartPolicy", "Always") not in allowed:
        yield (*path, "restartPolicy"), f"must be {' or '.join(allowed)} in a {kind}."
    for section in ("initContainers", "containers"):
        for index, container in enumerate(_list(pod.get(section))):
            for key in ("name", "image"):
                if not _mapping(container).get(key):
                    yield (*path, section, index, key), "is missing: every container needs a name and an image."


def _at(found: Any, path: Keys) -> Any:
    for key in path:
        found = _mapping(found).get(str(key))
    return found


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
