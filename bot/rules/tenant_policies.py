"""What the API server itself does not let happen in an environment, whoever asks for it, controllers included.

RBAC says which kinds of objects people may write, and not what may stand in them; Pod Security's baseline keeps pods
off their node, and not off the shares of others. What is closed here, each with what to do instead:

- pods that crowd others out or push them away, choose their node, go where only the cluster's own may run, take devices
  that no quota counts, or mount by their node what no network policy sees;
- Services that take or follow what is not the environment's (CVE-2020-8554);
- Ingresses and routes that configure the cluster's ingress, read Secrets and ConfigMaps of others, or take hosts of
  others, by their annotations too;
- Secrets that are tokens without an end, and claims of volumes that others have left.
"""

from collections.abc import Sequence
from typing import Final

from bot.rules.admission import ENVIRONMENTS, Check, Policy, listed, rule
from bot.rules.names import NAMESPACE_PREFIX
from bot.rules.words import ANNOTATION_INGRESS_DOMAIN, ANNOTATION_NAME, GPU, HOME_NAMESPACE

SERVICES: Final = "berth-services"
PODS: Final = "berth-pods"
PRIORITIES: Final = "berth-priorities"
SECRETS: Final = "berth-secrets"
CLAIMS: Final = "berth-claims"
INGRESSES: Final = "berth-ingresses"
ROUTES: Final = "berth-routes"

_OF_THE_CLUSTER: Final = (
    "(request.userInfo.username.startsWith('system:') && "
    f"!request.userInfo.username.startsWith('system:serviceaccount:{HOME_NAMESPACE}:') && "
    "!request.userInfo.username.startsWith('system:serviceaccount:' + request.namespace + ':'))"
)
"""CEL: whether a controller of the cluster asks: no person, nor Berth, nor an account of the environment's own."""
_AMOUNTS: Final = ("cpu", "memory", "ephemeral-storage", GPU)
_SECRETS_DRIVER: Final = "secrets-store.csi.k8s.io"  # it mounts nothing by the network, and asks as the pod's account
_VOLUMES: Final = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
)
_NETWORKS: Final = ("k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network")
_OLD_CLASS: Final = "volume.beta.kubernetes.io/storage-class"


def _counted(of: str) -> str:
    """CEL: whether only amounts are asked for that the quota counts."""
    return " && ".join(
        f"{of}.?resources.?{part}.orValue({{}}).all(k, k in {listed(_AMOUNTS)})" for part in ("requests", "limits")
    )


_NEW: Final = "oldObject != null"  # what is only changed was judged when it was made
_PODS: Final = Policy(
    PODS,
    [rule("", "pods", "CREATE UPDATE")],
    [
        Check(
            f"{_NEW} || object.spec.?nodeName.orValue('') == ''",
            "A pod of an environment may not choose its node by spec.nodeName: use a nodeSelector, or leave it out",
        ),
        Check(
            "variables.tolerations.all(t, t in variables.oldTolerations || (t.?key.orValue('') != '' && "
            "!t.key.startsWith('node-role.kubernetes.io/')))",
            "A pod of an environment may only tolerate taints that it names by their key, and none of the control "
            "plane: leave the toleration out",
        ),
        Check(
            f"{_NEW} || (variables.containers.all(c, {_counted('c')}) && {_counted('object.spec')})",
            f"A pod of an environment may only ask for {', '.join(_AMOUNTS)}: no quota counts anything else",
        ),
        Check(
            f"{_NEW} || object.spec.?resourceClaims.orValue([]).size() == 0",
            f"A pod of an environment may have no resourceClaims: no quota counts them. Ask for {GPU} instead",
        ),
        Check(
            f"{_NEW} || object.spec.?volumes.orValue([]).all(v, v.all(k, k in {listed(('name', *_VOLUMES))}))",
            f"A pod of an environment may only have volumes of these sorts: {', '.join(_VOLUMES)}. Others are mounted "
            "by its node, past the network policies: use a PersistentVolumeClaim",
        ),
        Check(
            f"{_NEW} || object.spec.?volumes.orValue([]).all(v, v.?csi.?driver.orValue('{_SECRETS_DRIVER}') == "
            f"'{_SECRETS_DRIVER}')",
            f"A pod of an environment may have volumes of no CSI driver but {_SECRETS_DRIVER}: its node would mount "
            "them, past the network policies. Use a PersistentVolumeClaim",
        ),
        Check(
            # They are added to running pods too, where something watches for it.
            f"{listed(_NETWORKS)}.all(k, !(k in variables.annotations) || (k in variables.oldAnnotations && "
            "variables.annotations[k] == variables.oldAnnotations[k]))",
            "A pod of an environment may join no other network: its network policies would not hold there",
        ),
    ],
    ENVIRONMENTS,
    variables={
        "containers": "object.spec.containers + object.spec.?initContainers.orValue([])",
        "annotations": "object.metadata.?annotations.orValue({})",
        "oldAnnotations": "oldObject == null ? {} : oldObject.metadata.?annotations.orValue({})",
        "tolerations": "object.spec.?tolerations.orValue([])",
        "oldTolerations": "oldObject == null ? [] : oldObject.spec.?tolerations.orValue([])",
    },
)


def _priorities(classes: Sequence[str]) -> Policy:
    """Pods have a PriorityClass that is named to the cluster, or its default one.

    The API server fills in the default one before any policy sees the pod. Only the classes themselves tell which that
    is, so they are what the policy is judged by.
    """
    allowed = f"use {' or '.join(classes)}, or leave it out" if classes else "leave it out"
    return Policy(
        PRIORITIES,
        [rule("", "pods", "CREATE")],
        [
            Check(
                "object.spec.?priorityClassName.orValue('') != params.metadata.name || "
                f"params.?globalDefault.orValue(false) || params.metadata.name in {listed(classes)}",
                "A pod of an environment may have no priorityClassName but of those that its cluster's "
                f"priority_classes in berth.yaml allow, so that it pushes nobody's away: {allowed}",
            )
        ],
        ENVIRONMENTS,
        params={"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"},
    )


_SECRETS: Final = Policy(
    SECRETS,
    [rule("", "secrets", "CREATE")],
    [
        Check(
            f"object.?type.orValue('') != 'kubernetes.io/service-account-token' || {_OF_THE_CLUSTER}",
            "A Secret of an environment may be no service-account-token, which would never end: use /k8s connect for "
            "yourself, and a projected token for a pod",
        )
    ],
    ENVIRONMENTS,
)


def _classes(of: str) -> str:
    """CEL: the class of a claim, by its field and by the annotation of old, which still counts and can be added."""
    return f"[{of}.spec.?storageClassName.orValue('none'), {of}.metadata.?annotations[?'{_OLD_CLASS}'].orValue('none')]"


_CLAIMS: Final = Policy(
    CLAIMS,
    [rule("", "persistentvolumeclaims", "CREATE UPDATE")],
    [
        Check(
            f"object.spec.?volumeName.orValue('') == variables.oldVolume || (oldObject != null && {_OF_THE_CLUSTER})",
            "A claim of an environment may not name its volume: it could be one that others have left. Leave "
            "volumeName out, and a new one is made",
        ),
        Check(
            f"({_NEW} || !has(object.spec.selector)) && (!('' in variables.classes) || '' in variables.oldClasses)",
            "A claim of an environment may only have volumes that are made for it: leave the selector out, and name a "
            "storage class or none",
        ),
    ],
    ENVIRONMENTS,
    variables={
        "oldVolume": "oldObject == null ? '' : oldObject.spec.?volumeName.orValue('')",
        "classes": _classes("object"),
        "oldClasses": f"oldObject == null ? ['none'] : {_classes('oldObject')}",
    },
)

_OWN_HOSTS: Final = {
    "domain": f"namespaceObject.metadata.?annotations[?'{ANNOTATION_INGRESS_DOMAIN}'].orValue('')",
    # An environment that is named as another's namespace is called has only its own namespace's name.
    "name": f"namespaceObject.metadata.?annotations[?'{ANNOTATION_NAME}'].orValue('{NAMESPACE_PREFIX}')",
    "endings": f"[variables.name.startsWith('{NAMESPACE_PREFIX}') ? request.namespace : variables.name, "
    "request.namespace].map(name, '.' + name + '.' + variables.domain)",
    "annotations": "object.metadata.?annotations.orValue({})",
}
_ANY_HOST: Final = "variables.domain == ''"


def _own(host: str) -> str:
    """CEL: whether a host is the environment's own."""
    return f"variables.endings.exists(ending, {host}.endsWith(ending))"


_PLAIN_HOST: Final = "^[a-z0-9.*-]+$"  # an alias can be an expression that ends as it likes
_HOSTS_ELSEWHERE: Final = (
    "variables.annotations.all(k, !(k.endsWith('/server-alias') || k.endsWith('/server-alias-regex') || "
    "(k.startsWith('external-dns.') && k.endsWith('hostname')) || "
    "k in ['cert-manager.io/common-name', 'cert-manager.io/alt-names']) || "
    "variables.annotations[k].split(',').all(h, "
    f"h.trim().matches('{_PLAIN_HOST}') && {_own('h.trim()')}))"
)
"""CEL: whether annotations by which objects are given hosts too, names, or certificates, name the environment's own."""


def _hosts(expression: str) -> Check:
    return Check(
        f"{_ANY_HOST} || ({expression})",
        "An environment may only have hosts of its own, and has to name them",
        "'An environment may only have hosts of its own, and has to name them: here they end in ' + "
        "variables.endings[0] + ' or ' + variables.endings[1]",
    )


_SERVICES: Final = Policy(
    SERVICES,
    [rule("", "services", "CREATE UPDATE")],
    [
        Check(
            "object.spec.?externalIPs.orValue([]).size() == 0",
            "A Service of an environment may have no externalIPs: they would take traffic of the whole cluster",
        ),
        Check(
            f"object.spec.?type.orValue('') != 'ExternalName' || {_OF_THE_CLUSTER}",
            "A Service of an environment may be no ExternalName: the ingress would follow it into other namespaces",
        ),
        _hosts(_HOSTS_ELSEWHERE),
    ],
    ENVIRONMENTS,
    variables=_OWN_HOSTS,
)
_OF_ALL: Final = ("-snippet", "-snippets", "/config-backend", "/auth-url", "/mirror-target")
_READ: Final = ("-secret", "-configmap", "/auth-proxy-set-headers", "/custom-headers")
_INGRESSES: Final = Policy(
    INGRESSES,
    [rule("networking.k8s.io", "ingresses", "CREATE UPDATE")],
    [
        Check(
            f"variables.annotations.all(k, !{listed(_OF_ALL)}.exists(end, k.endsWith(end)))",
            f"An Ingress of an environment may have no annotations that end in {', '.join(_OF_ALL)}: "
            "they would let it act as the ingress of the whole cluster",
        ),
        Check(
            f"variables.annotations.all(k, !{listed(_READ)}.exists(end, k.endsWith(end)) || "
            "!variables.annotations[k].contains('/') || "
            "variables.annotations[k].startsWith(request.namespace + '/'))",
            "An Ingress of an environment may only use Secrets and ConfigMaps of its own namespace: name them without "
            "another one",
        ),
        _hosts(_HOSTS_ELSEWHERE),
        _hosts(
            "!has(object.spec.defaultBackend) && object.spec.?rules.orValue([]).size() > 0 && "
            f"object.spec.?rules.orValue([]).all(r, {_own('r.?host.orValue(' + repr('') + ')')}) && "
            f"object.spec.?tls.orValue([]).all(t, t.?hosts.orValue([]).all(h, {_own('h')}))"
        ),
    ],
    ENVIRONMENTS,
    variables=_OWN_HOSTS,
)
_ROUTES: Final = Policy(
    ROUTES,
    [rule("gateway.networking.k8s.io", "httproutes grpcroutes", "CREATE UPDATE")],
    [
        _hosts(_HOSTS_ELSEWHERE),
        _hosts(
            f"object.spec.?hostnames.orValue([]).size() > 0 && object.spec.?hostnames.orValue([]).all(h, {_own('h')})"
        ),
    ],
    ENVIRONMENTS,
    variables=_OWN_HOSTS,
)


def tenant_policies(priority_classes: Sequence[str] = ()) -> tuple[Policy, ...]:
    """Every policy. Pods may name one of `priority_classes`, and no other."""
    return (_SERVICES, _PODS, _priorities(priority_classes), _SECRETS, _CLAIMS, _INGRESSES, _ROUTES)
