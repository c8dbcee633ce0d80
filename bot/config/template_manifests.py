"""What a template may bring into an environment.

The kinds follow from the table of powers, so a template that the bot has no right to create is refused here, at the
start, and not when the first engineer asks for it. Isolation and limits are Berth's own and no template may touch them.
"""

import re
from typing import Any, Final

from bot.config.problems import Refused, shown, suggestion
from bot.config.template_workloads import lacks
from bot.config.yaml_places import Place
from bot.rules.powers import Scope, powers
from bot.rules.words import GROUP

_KINDS: Final = {
    # kind: (apiVersion, API group, resource)
    "ConfigMap": ("v1", "", "configmaps"),
    "Service": ("v1", "", "services"),
    "PersistentVolumeClaim": ("v1", "", "persistentvolumeclaims"),
    "Deployment": ("apps/v1", "apps", "deployments"),
    "StatefulSet": ("apps/v1", "apps", "statefulsets"),
    "CronJob": ("batch/v1", "batch", "cronjobs"),
}
_CREATABLE: Final = {(p.group, p.resource) for p in powers(Scope.ENVIRONMENT) if "create" in p.verbs}
KINDS: Final = {kind: row[0] for kind, row in _KINDS.items() if row[1:] in _CREATABLE}

_OBJECT_NAME: Final = re.compile(r"[a-z]([a-z0-9-]{0,50}[a-z0-9])?", re.ASCII)


def manifest(place: Place) -> dict[str, Any]:
    """One object of a template. Reports each mistake in it; raises Refused where nothing can be made of it."""
    body = place.value
    if not isinstance(body, dict):
        raise Refused(f"{shown(body)} should be a Kubernetes object with apiVersion, kind and metadata.name.")
    _check_kind(body)
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise Refused("metadata.name is missing.")
    _check_metadata(metadata)
    for keys, lacking in lacks(body):
        place.refuse(lacking, *keys)
    return body


def identity(body: dict[str, Any]) -> tuple[str, str]:
    """Kind and name: what may stand only once in a template."""
    return body["kind"], body["metadata"]["name"]


def _check_kind(body: dict[str, Any]) -> None:
    kind = body.get("kind")
    allowed = ", ".join(f"{version} {kind}" for kind, version in KINDS.items())
    if kind == "Secret":
        raise Refused("a Secret does not belong in this file, which many can read: let engineers create it themselves.")
    if kind not in KINDS:
        raise Refused(
            f"kind {shown(kind)} cannot be in a template{suggestion(str(kind), KINDS)}; allowed are {allowed}."
        )
    if body.get("apiVersion") != KINDS[kind]:
        raise Refused(f"apiVersion {shown(body.get('apiVersion'))} does not fit {kind}: write {KINDS[kind]}.")


def _check_metadata(metadata: dict[str, Any]) -> None:
    name = metadata.get("name")
    if not isinstance(name, str) or not _OBJECT_NAME.fullmatch(name):
        raise Refused(
            f"metadata.name {shown(name)} is not allowed: "
            "use up to 52 lower-case letters, digits and dashes, beginning with a letter."
        )
    if "namespace" in metadata:
        raise Refused("metadata.namespace must be left out: every environment has its own.")
    for field in ("labels", "annotations"):
        for key in metadata.get(field) or {}:
            if str(key).startswith(f"{GROUP}/"):
                raise Refused(f"metadata.{field} {shown(key)} is reserved for Berth: use a prefix of your own.")
