"""What `berth doctor` finds out about a cluster: whether it answers, and what the bot may and may not do there."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from bot.cli.check import Check, note
from bot.config import Survey
from bot.rules.catalogue import Traffic
from bot.rules.words import HOME_NAMESPACE
from bot.seams.cluster import Cluster, ClusterError, Clusters, Unreachable
from bot.seams.cluster_checks import (
    BOT,
    Unasked,
    address_for_pods_only,
    could_sleep,
    has_home,
    missing_confinement,
    missing_powers,
    runs_as,
)
from bot.seams.prometheus import Prometheus, PrometheusError

_SERVER: Final = "In berth.yaml, give this cluster the server (and certificate_authority) by which people reach it."
_APPLY: Final = "Apply what `berth manifests` prints for it (--config, --cluster), as an administrator of the cluster."
_NAME_THEM: Final = "Name them in the cluster's scaled_kinds of berth.yaml, where they should sleep."
_TRAFFIC: Final = "See that the cluster's traffic in berth.yaml is right; until then it keeps everything there awake."
_PATIENCE: Final = timedelta(seconds=10)
_AS_BOT: Final = (
    "Berth is kept to its own namespaces only under its own account. For a bot outside of the cluster, make a "
    "kubeconfig of that account (README, Install it). In the cluster: "
    f"kubectl -n {HOME_NAMESPACE} exec deploy/berth -- berth doctor"
)


def cluster_checks(found: Survey) -> Iterator[Check]:
    """Look at every cluster that is configured right."""
    if found.catalogue is None or "KUBECONFIG" in found.wrong:
        return
    clusters = Clusters(found.catalogue.clusters, found.settings.kubeconfig, threads=1)
    for name in clusters:
        try:
            cluster = clusters[name]
        except ClusterError as error:
            if not found.leads_nowhere:  # the configuration's own rows tell of it
                yield _failed(f"Cluster {name}", error)
        else:
            yield from _cluster(f"Cluster {name}", cluster)
    clusters.close()
    yield from (_traffic(spec.name, spec.traffic) for spec in found.catalogue.clusters if spec.traffic)


def _cluster(what: str, cluster: Cluster) -> Iterator[Check]:
    try:
        yield Check(what, True, f"Kubernetes {cluster.probe()}")
        account = runs_as(cluster)
        yield from _account(what, account)
        yield from _rights(what, cluster, account)
    except ClusterError as error:
        yield _failed(what, error)


def _failed(what: str, error: ClusterError) -> Check:
    reached = "See that its address is right and that this machine reaches it."
    known = "See that KUBECONFIG, the context and its credentials are right."
    return Check(what, False, str(error), reached if isinstance(error, Unreachable) else known)


def _account(what: str, account: str) -> Iterator[Check]:
    if account == BOT:
        yield Check(f"{what}: account", True, "asked as Berth's own account")
    else:
        yield note(f"{what}: account", f"asked as {account}, which is not Berth's own account {BOT}", _AS_BOT)


def _rights(what: str, cluster: Cluster, account: str) -> Iterator[Check]:
    for topic, look in (("home", _home), ("permissions", _permissions), ("confinement", _confinement)):
        try:
            yield look(f"{what}: {topic}", cluster, account)
        except Unasked as error:
            yield note(f"{what}: {topic}", f"could not be looked at: {error}", _APPLY if account == BOT else _AS_BOT)
    yield _kinds(f"{what}: kinds", cluster)
    inside = address_for_pods_only(cluster)
    said = f"kubeconfigs would name {inside}, which only pods reach" if inside else "people can be given it"
    yield Check(f"{what}: address", inside is None, said, _SERVER)


def _home(what: str, cluster: Cluster, account: str) -> Check:
    there = has_home(cluster, account)
    state = "is there" if there else "is missing, and nothing can be made without it"
    return Check(what, there, f"namespace {HOME_NAMESPACE}, where people's accounts live, {state}", _APPLY)


def _permissions(what: str, cluster: Cluster, account: str) -> Check:
    missing = missing_powers(cluster, account)
    return Check(what, not missing, f"missing: {', '.join(missing)}" if missing else "all granted", _APPLY)


def _confinement(what: str, cluster: Cluster, account: str) -> Check:
    absent = missing_confinement(cluster, account)
    said = (
        f"not in force as `berth manifests` prints them: {', '.join(absent)}"
        if absent
        else "Berth's account is kept to its own namespaces"
    )
    return Check(what, not absent, said, f"{_APPLY} A new policy takes some seconds.")


def _kinds(what: str, cluster: Cluster) -> Check:
    too = could_sleep(cluster)
    if not too:
        return Check(what, True, "all that can scale sleeps")
    return note(what, f"could sleep too: {', '.join(too)}", _NAME_THEM)


def _traffic(cluster: str, traffic: Traffic) -> Check:
    what = f"Cluster {cluster}: traffic"
    prometheus = Prometheus(traffic.prometheus, _PATIENCE)
    try:
        known = len(prometheus.instant(traffic.query))
    except PrometheusError as error:
        return Check(what, False, str(error), _TRAFFIC)
    finally:
        prometheus.close()
    return Check(what, known > 0, f"namespaces with a value: {known}", _TRAFFIC)
