"""What a kubeconfig holds, looked at without connecting: which contexts there are, and whether each leads somewhere.

Reads no credentials. Where the files are and how several of them are one follows kubectl: of two entries of a name, the
first counts.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.config.problems import Problem, shown, suggestion
from bot.config.yaml_places import Place, read

_POD_TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # noqa: S105  where it is, not what it is
_POD_VARIABLES: Final = ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")
_HOME_FILE: Final = "~/.kube/config"
_NO_FILE: Final = (
    f"is not set, there is no {_HOME_FILE}, and this is no pod of a cluster: "
    "set it to the path of a kubeconfig for the clusters to use."
)


@dataclass
class Kubeconfig:
    """The contexts of the files together, and what is wrong with the files."""

    source: str
    contexts: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → cluster and user
    clusters: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    current: str | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def listed(self) -> str:
        """The contexts that there are, for a message."""
        return f"there are {', '.join(self.contexts)}" if self.contexts else "there are none"


def read_kubeconfig(paths: str | None) -> Kubeconfig:
    """What is in these files, or in the one in the home directory. Mistakes are in `problems`."""
    files = [Path(path).expanduser() for path in (paths or _HOME_FILE).split(os.pathsep) if path]
    present = [file for file in files if file.is_file()]
    found = Kubeconfig(os.pathsep.join(map(str, present or files)))
    if not present:
        found.problems.append(Problem("environment", "KUBECONFIG", _NO_FILE))
    for file in present:
        _add(found, read(file))
    return found


def is_in_pod() -> bool:
    """Whether this process runs in a pod that was given its account."""
    return all(os.environ.get(name) for name in _POD_VARIABLES) and Path(_POD_TOKEN).is_file()


@dataclass
class ContextCheck:
    """Reports every cluster of a berth.yaml that no context of the kubeconfig leads to."""

    kubeconfig: str | None  # as KUBECONFIG has it
    failed: bool = False

    def __call__(self, place: Place) -> None:
        """Look at a whole berth.yaml."""
        before = len(place.report.problems)
        self._check(place)
        self.failed = len(place.report.problems) > before

    def _check(self, place: Place) -> None:
        chosen = list(_chosen(place))
        if self.kubeconfig is None and is_in_pod():
            chosen = [context for context in chosen if context is not None]
        if not chosen:
            return
        found = read_kubeconfig(self.kubeconfig)
        place.report.problems += found.problems
        for context in chosen if not found.problems else ():
            told = _wrong(found, context)
            if told and context is not None:
                context.refuse(told)
            elif told:
                place.report.problems.append(Problem(found.source, "current-context", told))


def _chosen(place: Place) -> Iterator[Place | None]:
    """Where each cluster names its context; None for one that takes the current one, told once."""
    entries = _list(place.value.get("clusters")) if isinstance(place.value, dict) else []
    indices = [index for index, entry in enumerate(entries) if isinstance(entry, dict)]
    named = [place.at("clusters").at(index) for index in indices]
    yield from (entry.at("context") for entry in named if isinstance(entry.value.get("context"), str))
    if not entries or any("context" not in entry.value for entry in named):
        yield None


def _wrong(found: Kubeconfig, context: Place | None) -> str | None:
    """What is wrong with a context, or with the current one for None."""
    name = found.current if context is None else str(context.value)
    if name is None:
        return f"is not set: set it, or give the cluster a context in berth.yaml; {found.listed}."
    if name not in found.contexts:
        return f"{shown(name)} is no context of {found.source}{suggestion(name, found.contexts)}; {found.listed}."
    cluster, user = found.contexts[name]
    if cluster not in found.clusters:
        return f"context {shown(name)} of {found.source} is for cluster {shown(cluster)}, which is not in the file."
    if user not in found.users:
        return f"context {shown(name)} of {found.source} is for user {shown(user)}, which is not in the file."
    return None


def _add(found: Kubeconfig, place: Place) -> None:
    if place.report.problems:
        found.problems += place.report.problems
    elif not isinstance(place.value, dict):
        place.refuse("is not a kubeconfig: it should be a mapping with contexts, clusters and users.")
        found.problems += place.report.problems
    else:
        for name, entry in _entries(place.value, "contexts", "context"):
            found.contexts.setdefault(name, (str(entry.get("cluster")), str(entry.get("user"))))
        found.clusters |= {name for name, _ in _entries(place.value, "clusters", "cluster")}
        found.users |= {name for name, _ in _entries(place.value, "users", "user")}
        found.current = found.current or str(place.value.get("current-context") or "") or None


def _entries(kubeconfig: Mapping[str, Any], section: str, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in _list(kubeconfig.get(section)):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            held = entry.get(key)
            yield entry["name"], held if isinstance(held, dict) else {}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
