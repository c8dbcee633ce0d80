"""What the API server itself does not let the bot do, where RBAC cannot say it. Of nobody else.

RBAC lets whoever may make role bindings anywhere bind itself anywhere, and cannot tell one change of an object from
another. So the bot is kept to the namespaces that it made and to what it needs of three other places:

- the namespaces themselves: they stay Berth's, and as strict with pods as environments are;
- its home: people's accounts, the empty Secrets that their tokens hang on, and tokens of nobody else;
- `gitops_namespaces`: what pauses an object that applies from a git, and nothing else of it.
"""

from collections.abc import Sequence
from typing import Any, Final

from bot.rules.admission import Check, Policy, listed, named, rule, unchanged
from bot.rules.gitops import TOOLS
from bot.rules.names import ACCOUNT_PATTERN
from bot.rules.tenant_policies import SERVICES, tenant_policies
from bot.rules.words import (
    ANNOTATION_CYCLE,
    ANNOTATION_WAKE,
    BERTH,
    BOT_SERVICE_ACCOUNT,
    HOME_NAMESPACE,
    LABEL_MANAGED_BY,
)
from bot.rules.workloads import KINDS

__all__ = ["CONFINE", "GITOPS", "HOME", "NAMESPACES", "POLICIES", "SERVICES", "admission_policies"]

CONFINE: Final = "berth-confine"
NAMESPACES: Final = "berth-namespaces"
HOME: Final = "berth-home"
GITOPS: Final = "berth-gitops"

_BOT: Final = {
    "is-berth": f"request.userInfo.username == 'system:serviceaccount:{HOME_NAMESPACE}:{BOT_SERVICE_ACCOUNT}'"
}
_EVERYTHING: Final = rule("*", "*/*", "CREATE UPDATE DELETE CONNECT", "Namespaced")
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"


def _label(of: str, name: str) -> str:
    """CEL: a label of an object, which may have none."""
    return f"{of}.metadata.?labels[?'{name}'].orValue('')"


def _made_by_berth(namespace: str) -> str:
    return f"{_label(namespace, LABEL_MANAGED_BY)} == '{BERTH}'"


def _told(expression: str) -> Check:
    return Check(expression, f"Berth may only touch namespaces that carry the label {LABEL_MANAGED_BY}: {BERTH}")


_NAMESPACES: Final = Policy(
    NAMESPACES,
    [rule("", "namespaces", "CREATE UPDATE DELETE", "Cluster")],
    [
        _told(_made_by_berth("(oldObject != null ? oldObject : object)")),
        Check(
            f"object == null || {_made_by_berth('object')}",
            f"Berth may not take the label {LABEL_MANAGED_BY} off a namespace: it could not come back",
        ),
        Check(
            f"object == null || {_label('object', _ENFORCE)} in ['baseline', 'restricted']",
            f"Berth may only make and keep namespaces whose label {_ENFORCE} is baseline or restricted",
        ),
        Check(
            f"object == null || {_label('object', f'{_ENFORCE}-version')} in ['', 'latest']",
            f"Berth may not let a namespace fall back to an older {_ENFORCE}-version",
        ),
    ],
    conditions=_BOT,
)
_HOME: Final = Policy(
    HOME,
    [_EVERYTHING],
    [
        Check(
            "variables.what in ['CREATE serviceaccounts', 'CREATE serviceaccounts/token', 'CREATE secrets', "
            "'DELETE secrets']",
            f"In its own namespace {HOME_NAMESPACE} Berth may only make people's accounts, their tokens, and the "
            "Secrets that those hang on",
        ),
        Check(
            f"variables.name.matches('{ACCOUNT_PATTERN}')",
            f"In its own namespace {HOME_NAMESPACE} Berth may only touch what is called user-<workspace>-<person>",
        ),
        Check(
            "variables.what != 'CREATE secrets' || (object.?type.orValue('Opaque') == 'Opaque' && "
            "!has(object.data) && !has(object.stringData))",
            f"In its own namespace {HOME_NAMESPACE} Berth may only make empty Secrets of type Opaque",
        ),
        Check(
            "variables.what != 'CREATE serviceaccounts/token' || ("
            "object.spec.?boundObjectRef.?kind.orValue('') == 'Secret' && "
            "object.spec.?boundObjectRef.?name.orValue('') == variables.name)",
            "Berth may only ask for tokens that are bound to the Secret of the same person",
        ),
    ],
    named([HOME_NAMESPACE]),
    _BOT,
    {
        "what": "request.operation + ' ' + request.resource.resource + "
        "(request.?subResource.orValue('') == '' ? '' : '/' + request.subResource)",
        "name": "request.?name.orValue('') != '' ? request.name : string(object.metadata.name)",
    },
)


def _gitops(namespaces: Sequence[str]) -> Policy:
    """Only what pauses may change, and Berth's own notes on it."""
    kinds = [KINDS[key] for key in sorted(TOOLS)]
    paths = [kind.field.path for kind in kinds]
    ours = [ANNOTATION_CYCLE, ANNOTATION_WAKE, *sorted({path[-1] for path in paths if path[0] == "metadata"})]
    fields = sorted({path[-1] for path in paths if path[0] == "spec"})
    metadata = ["annotations", "generation", "managedFields", "resourceVersion"]
    return Policy(
        GITOPS,
        [rule(kind.group, kind.plural, "UPDATE", "Namespaced") for kind in kinds],
        [
            Check(
                " && ".join(
                    [
                        unchanged("object", "oldObject", ["metadata", "spec"]),
                        unchanged("object.metadata", "oldObject.metadata", metadata),
                        unchanged("variables.spec", "variables.oldSpec", fields),
                        unchanged("variables.annotations", "variables.oldAnnotations", ours),
                    ]
                ),
                f"Berth may only pause what applies from a git: its annotations {', '.join(ours)}, "
                f"and its spec.{', spec.'.join(fields)}",
            )
        ],
        named(namespaces),
        _BOT,
        {
            "spec": "object.?spec.orValue({})",
            "oldSpec": "oldObject.?spec.orValue({})",
            "annotations": "object.metadata.?annotations.orValue({})",
            "oldAnnotations": "oldObject.metadata.?annotations.orValue({})",
        },
    )


def _confine(namespaces: Sequence[str]) -> Policy:
    elsewhere = {"is-not-at-home": f"request.namespace != '{HOME_NAMESPACE}'"}  # where another policy holds
    asking = {"is-not-asking-gitops": _asks_gitops(namespaces)} if namespaces else {}
    return Policy(
        CONFINE, [_EVERYTHING], [_told(_made_by_berth("namespaceObject"))], conditions=_BOT | elsewhere | asking
    )


def _asks_gitops(namespaces: Sequence[str]) -> str:
    """CEL: what is no change of just these kinds of objects in just these namespaces, for which there is a policy."""
    kinds = sorted(f"{KINDS[key].group}/{KINDS[key].plural}" for key in TOOLS)
    return (
        f"!(request.namespace in {listed(namespaces)} && request.operation == 'UPDATE' && "
        "request.?subResource.orValue('') == '' && "
        f"(request.resource.group + '/' + request.resource.resource) in {listed(kinds)})"
    )


def admission_policies(
    gitops_namespaces: Sequence[str] = (), priority_classes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Every policy, each followed by the binding that puts it into force: those of the bot, then those of tenants.

    In `gitops_namespaces` the bot may pause what applies from a git, and nothing else. `priority_classes` are those
    that pods of environments may name.
    """
    asking = [_gitops(gitops_namespaces)] if gitops_namespaces else []
    policies = [_confine(gitops_namespaces), _NAMESPACES, _HOME, *asking, *tenant_policies(priority_classes)]
    return [manifest for policy in policies for manifest in policy.manifests()]


POLICIES: Final = (CONFINE, NAMESPACES, HOME, *(policy.name for policy in tenant_policies()))
"""The names of those that are on every cluster."""
