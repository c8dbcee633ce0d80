"""What the API server itself does not let happen in an environment, whoever asks for it, controllers included.

RBAC says which kinds of objects people may write, and not what may stand in them; Pod Security's baseline keeps pods
off their node, and not off the shares of others. What is closed here, each with what to do instead:

- pods that crowd others out, choose their node, go where only the cluster's own may run, take devices that no quota
  counts, or mount by their node what no network policy sees;
- Services that take or follow what is not the environment's (CVE-2020-8554);
- Ingresses and routes that configure the cluster's ingress, read Secrets of others, or take hosts of others;
- Secrets that are tokens without an end, and claims of volumes that others have left.
"""

from typing import Final

from bot.rules.admission import ENVIRONMENTS, Check, Policy, listed, rule
from bot.rules.words import ANNOTATION_INGRESS_DOMAIN, ANNOTATION_NAME, GPU, HOME_NAMESPACE

SERVICES: Final = "berth-services"
PODS: Final = "berth-pods"
SECRETS: Final = "berth-secrets"
CLAIMS: Final = "berth-claims"
INGRESSES: Final = "berth-ingresses"
ROUTES: Final = "berth-routes"

_BY_PEOPLE: Final = (
    "(!request.userInfo.username.startsWith('system:')"
    f" || request.userInfo.username.startsWith('system:serviceaccount:{HOME_NAMESPACE}:user-'))"
)
_AMOUNTS: Final = ("cpu", "memory", "ephemeral-storage", GPU)
_VOLUMES: Final = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
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
            f"object.spec.?type.orValue('') != 'ExternalName' || !{_BY_PEOPLE}",
            "A Service of an environment may be no ExternalName: the ingress would follow it into other namespaces",
        ),
    ],
    ENVIRONMENTS,
)


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
            f"{_NEW} || !object.spec.?priorityClassName.orValue('').startsWith('system-')",
            "A pod of an environment may not have a priorityClassName that begins with system-: leave it out",
        ),
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
            f"{_NEW} || object.metadata.?annotations.orValue({{}}).all(k, !(k in "
            "['k8s.v1.cni.cncf.io/networks', 'v1.multus-cni.io/default-network']))",
            "A pod of an environment may join no other network: its network policies would not hold there",
        ),
    ],
    ENVIRONMENTS,
    variables={
        "containers": "object.spec.containers + object.spec.?initContainers.orValue([])",
        "tolerations": "object.spec.?tolerations.orValue([])",
        "oldTolerations": "oldObject == null ? [] : oldObject.spec.?tolerations.orValue([])",
    },
)
_SECRETS: Final = Policy(
    SECRETS,
    [rule("", "secrets", "CREATE")],
    [
        Check(
            f"object.?type.orValue('') != 'kubernetes.io/service-account-token' || !{_BY_PEOPLE}",
            "A Secret of an environment may be no service-account-token, which would never end: use /k8s connect for "
            "yourself, and a projected token for a pod",
        )
    ],
    ENVIRONMENTS,
)
_CLAIMS: Final = Policy(
    CLAIMS,
    [rule("", "persistentvolumeclaims", "CREATE UPDATE")],
    [
        Check(
            f"object.spec.?volumeName.orValue('') == variables.oldVolume || (oldObject != null && !{_BY_PEOPLE})",
            "A claim of an environment may not name its volume: it could be one that others have left. Leave "
            "volumeName out, and a new one is made",
        ),
        Check(
            f"{_NEW} || (!has(object.spec.selector) && object.spec.?storageClassName.orValue('default') != '')",
            "A claim of an environment may only have volumes that are made for it: leave the selector out, and name a "
            "storage class or none",
        ),
    ],
    ENVIRONMENTS,
    variables={"oldVolume": "oldObject == null ? '' : oldObject.spec.?volumeName.orValue('')"},
)

_OWN_HOSTS: Final = {
    "domain": f"namespaceObject.metadata.?annotations[?'{ANNOTATION_INGRESS_DOMAIN}'].orValue('')",
    "endings": f"[namespaceObject.metadata.?annotations[?'{ANNOTATION_NAME}'].orValue(request.namespace), "
    "request.namespace].map(name, '.' + name + '.' + variables.domain)",
}
_ANY_HOST: Final = "variables.domain == ''"


def _own(host: str) -> str:
    """CEL: whether a host is the environment's own."""
    return f"variables.endings.exists(ending, {host}.endsWith(ending))"


def _hosts(expression: str) -> Check:
    return Check(
        f"{_ANY_HOST} || ({expression})",
        "An environment may only have hosts of its own, and has to name them",
        "'An environment may only have hosts of its own, and has to name them: here they end in ' + "
        "variables.endings[0] + ' or ' + variables.endings[1]",
    )


_INGRESSES: Final = Policy(
    INGRESSES,
    [rule("networking.k8s.io", "ingresses", "CREATE UPDATE")],
    [
        Check(
            "variables.annotations.all(k, !['-snippet', '/auth-url', '/mirror-target'].exists(end, k.endsWith(end)))",
            "An Ingress of an environment may have no annotations that end in -snippet, /auth-url or /mirror-target: "
            "they would let it act as the ingress of the whole cluster",
        ),
        Check(
            "variables.annotations.all(k, !k.endsWith('-secret') || !variables.annotations[k].contains('/') || "
            "variables.annotations[k].startsWith(request.namespace + '/'))",
            "An Ingress of an environment may only use Secrets of its own namespace: name them without another one",
        ),
        _hosts(
            "!has(object.spec.defaultBackend) && object.spec.?rules.orValue([]).size() > 0 && "
            f"object.spec.?rules.orValue([]).all(r, {_own('r.?host.orValue(' + repr('') + ')')}) && "
            f"object.spec.?tls.orValue([]).all(t, t.?hosts.orValue([]).all(h, {_own('h')}))"
        ),
    ],
    ENVIRONMENTS,
    variables=_OWN_HOSTS | {"annotations": "object.metadata.?annotations.orValue({})"},
)
_ROUTES: Final = Policy(
    ROUTES,
    [rule("gateway.networking.k8s.io", "httproutes grpcroutes", "CREATE UPDATE")],
    [
        _hosts(
            f"object.spec.?hostnames.orValue([]).size() > 0 && object.spec.?hostnames.orValue([]).all(h, {_own('h')})"
        )
    ],
    ENVIRONMENTS,
    variables=_OWN_HOSTS,
)

TENANT_POLICIES: Final = (_SERVICES, _PODS, _SECRETS, _CLAIMS, _INGRESSES, _ROUTES)
