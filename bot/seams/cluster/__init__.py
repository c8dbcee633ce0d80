"""The only package that speaks to Kubernetes.

Requests are generic verbs over raw JSON, because typed objects drop the fields they do not know and cost many times as
much to read. Every request has a timeout, carries Berth's field manager, is one that `bot.rules.powers` names, and
fails with a `ClusterError` in words that people can be told.
"""

from bot.seams.cluster.cluster import Cluster, Object, Token
from bot.seams.cluster.clusters import Clusters
from bot.seams.cluster.errors import (
    AlreadyExists,
    Busy,
    ClusterError,
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    Unreachable,
)
from bot.seams.cluster.quantities import parse_quantity, requested, used
from bot.seams.cluster.resources import RESOURCES

__all__ = [
    "RESOURCES",
    "AlreadyExists",
    "Busy",
    "Cluster",
    "ClusterError",
    "Clusters",
    "Conflict",
    "Forbidden",
    "NotFound",
    "Object",
    "Refused",
    "Token",
    "Unreachable",
    "parse_quantity",
    "requested",
    "used",
]
