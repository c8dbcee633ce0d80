"""What a person can do on the cluster with the kubeconfig that Berth showed them, by the official client."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config

from tests.journeys.people import kubeconfig_of
from tests.sandbox.slack.person import Json, Person
from tests.world import World


@dataclass(frozen=True)
class Reach:
    """A kubeconfig in use."""

    api: client.ApiClient
    namespace: str

    def asks(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> int:
        """The status that a request is answered with. `{ns}` in a path is the kubeconfig's own namespace."""
        headers = {"Accept": "application/json", "Content-Type": content_type}
        method, url, headers, sent, _ = self.api.param_serialize(
            method, path.format(ns=self.namespace), header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        response = self.api.rest_client.request(method, url, headers=headers, body=sent, _request_timeout=20)
        response.read()
        return int(response.status)

    def lists(self, resource: str = "pods") -> int:
        """The status of a list of a core resource in the namespace."""
        return self.asks("GET", f"/api/v1/namespaces/{{ns}}/{resource}")


def reach(text: str, directory: Path) -> Reach:
    """A kubeconfig, given as text, put to use."""
    path = directory / "person.kubeconfig"
    path.write_text(text)
    settings = client.Configuration()
    config.load_kube_config(str(path), client_configuration=settings)
    namespace = yaml.safe_load(text)["contexts"][0]["context"]["namespace"]
    return Reach(client.ApiClient(settings), namespace)


def connected(world: World, who: Person, name: str, directory: Path) -> Reach:
    """What a person reaches by /k8s connect, the workers working meanwhile as they would."""
    return reach(kubeconfig_of(opened(world, who, f"/k8s connect {name}", "apiVersion")), directory)


def opened(world: World, who: Person, line: str, containing: str) -> Json:
    """The modal that a command opens, once it shows this; the workers work meanwhile."""
    who.does("reload")
    world.says(who, line)
    for _ in range(200):
        world.work()
        found = [view for view in who.modals() if containing in str(view)]
        if found:
            return found[-1]
    raise AssertionError(f"{line} shows no {containing}: {who.modals()}")
