"""All clusters that are configured, and how a connection to one is made."""

from collections.abc import Iterator, Sequence

import urllib3
import yaml
from kubernetes import client, config

from bot.rules.catalogue import ClusterSpec
from bot.rules.words import BERTH
from bot.seams.cluster.cluster import Cluster
from bot.seams.cluster.errors import ClusterError

_AT_HOME = "~/.kube/config"
# What the client raises for a kubeconfig that is missing, is no YAML, or lacks what it should hold.
_UNREADABLE = (config.ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError)


class Clusters:
    """The configured clusters, each connected when first used."""

    def __init__(self, specs: Sequence[ClusterSpec], kubeconfig: str | None, threads: int) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._kubeconfig = kubeconfig
        self._threads = threads
        self._connected: dict[str, Cluster] = {}

    def __getitem__(self, name: str) -> Cluster:
        """The cluster of that name. Raises ClusterError if it is not configured, or its credentials cannot be read."""
        if name not in self._connected or self._connected[name].rejected:
            if name not in self._specs:
                raise ClusterError(f"cluster {name} is no longer configured in berth.yaml")
            self._connected[name] = Cluster(self._specs[name], self._connect(self._specs[name]))
        return self._connected[name]

    def close(self) -> None:
        """Close every cluster's connections."""
        for cluster in self._connected.values():
            cluster.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def _connect(self, spec: ClusterSpec) -> client.ApiClient:
        configuration = client.Configuration()
        try:
            if self._kubeconfig is None and spec.context is None and _in_cluster():
                config.load_incluster_config(client_configuration=configuration)
            else:
                # Named even where it is the client's default: the client takes an empty KUBECONFIG for a name.
                config.load_kube_config(self._kubeconfig or _AT_HOME, spec.context, configuration, persist_config=False)
        except _UNREADABLE as error:
            raise ClusterError(f"no credentials for cluster {spec.name}: {error}") from error
        # Retries are reconcile's business, which backs off and tells; one more try covers a connection gone stale.
        configuration.retries = urllib3.Retry(
            total=1, connect=1, read=1, status=0, redirect=0, respect_retry_after_header=False
        )
        configuration.connection_pool_maxsize = self._threads
        configuration.keep_alive = True
        configuration.proxy = configuration.proxy  # as chosen now; the client would look for one before each request
        api = client.ApiClient(configuration)
        api.user_agent = BERTH
        return api


def _in_cluster() -> bool:
    try:
        config.load_incluster_config(client_configuration=client.Configuration())
    except config.ConfigException:
        return False
    return True
