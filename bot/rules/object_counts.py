"""How many objects of each kind an environment may have, so that none fills what keeps those of the whole cluster.

Every kind that people may make is here, by the name that a ResourceQuota has for it: what a quota does not name it does
not count. The numbers are for no work that anybody does by hand to come near them. A kind that a cluster does not have
is no fault in a quota.
"""

from collections.abc import Mapping
from typing import Final

FINISHED_PODS: Final = 500  # beside those that may run; finished ones stay until somebody deletes them
OBJECT_COUNTS: Final[Mapping[str, int]] = {
    "persistentvolumeclaims": 20,
    "count/secrets": 100,
    "count/configmaps": 100,
    "count/services": 50,
    "count/replicationcontrollers": 50,
    "count/deployments.apps": 50,
    "count/statefulsets.apps": 20,
    "count/replicasets.apps": 800,  # each Deployment and Rollout keeps ten old ones unless it says otherwise
    "count/controllerrevisions.apps": 400,  # likewise each StatefulSet
    "count/jobs.batch": 100,
    "count/cronjobs.batch": 20,
    "count/horizontalpodautoscalers.autoscaling": 100,  # KEDA makes one for each ScaledObject
    "count/poddisruptionbudgets.policy": 100,
    "count/ingresses.networking.k8s.io": 100,
    "count/httproutes.gateway.networking.k8s.io": 100,
    "count/grpcroutes.gateway.networking.k8s.io": 100,
    "count/scaledobjects.keda.sh": 50,
    "count/scaledjobs.keda.sh": 50,
    "count/rollouts.argoproj.io": 20,
    "count/clusters.postgresql.cnpg.io": 20,
    "count/services.serving.knative.dev": 20,
}
