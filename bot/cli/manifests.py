"""`berth manifests`: the installation as YAML with the comments that its reader needs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import typer
import yaml

from bot.cli.saying import fail, refuse
from bot.config import Catalogue, ConfigError, load_catalogue
from bot.config.problems import suggestion
from bot.rules import installation as installing
from bot.rules.catalogue import ClusterSpec
from bot.rules.installation import Installation, Manifest
from bot.rules.words import HOME_NAMESPACE

STARTER: Final = """\
# Everything here has a default; berth.example.yaml in the source documents every key.
# teams:
#   - name: payments
#     channel: "#payments"
#     time_zone: Europe/Berlin
#     members:
#       - {email: lin@example.com, role: lead}
#       - ada@example.com
# admins: [root@example.com]
"""

_BY: Final = "scaled_kinds, gitops_namespaces, priority_classes"
_NEEDS: Final = {
    "socket": ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    "http": ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
}


def print_manifests(installation: Installation, config: Path | None, cluster: str | None, *, access_only: bool) -> None:
    """Print every object. A berth.yaml with mistakes is refused, so that none is installed."""
    try:
        catalogue = load_catalogue(config)
    except ConfigError as error:
        refuse(error.problems)
    text = config.read_text(encoding="utf-8") if config else STARTER
    wanted = replace(installation, configuration=text)
    spec = _cluster(catalogue, cluster)
    access = installing.access(*map(sorted, _needs(spec)))
    objects = [*access, *([] if access_only else installing.bot(wanted))]
    typer.echo(_heading(wanted, access_only=access_only) + render(objects), nl=False)


def _cluster(catalogue: Catalogue, name: str | None) -> ClusterSpec:
    """The cluster that is meant: where each needs other rights than the next, it has to be said which."""
    known = [one.name for one in catalogue.clusters]
    if name is None:
        needs = {tuple(map(frozenset, _needs(one))) for one in catalogue.clusters}
        if len(needs) > 1:
            fail(
                f"The clusters of this berth.yaml need different manifests ({_BY}), and each gets its own alone: "
                f"say which one this is for by --cluster {' or --cluster '.join(known)}."
            )
        return catalogue.cluster()
    if name not in known:
        fail(f'"{name}" is none of the clusters{suggestion(name, known)}; there are {", ".join(known)}.')
    return catalogue.cluster(name)


def _needs(spec: ClusterSpec) -> tuple[Sequence[str], ...]:
    """What the manifests of a cluster depend on."""
    return spec.scaled_kinds, spec.gitops_namespaces, spec.priority_classes


def render(manifests: Iterable[Manifest]) -> str:
    """The objects as one YAML stream."""
    return "".join(f"---\n{yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, width=120)}" for manifest in manifests)


def _heading(installation: Installation, *, access_only: bool) -> str:
    """What to do beside applying this, as comments."""
    if access_only:
        return "# What Berth needs on a cluster that it uses without running there.\n"
    keys = _NEEDS[installation.slack_mode] + (() if installation.sqlite else ("BERTH_DATABASE_URL",))
    literals = "".join(f" \\\n#     --from-literal={key}=…" for key in keys)
    return (
        "# Berth. Apply it with: kubectl apply --server-side -f -\n"
        "# The Secret is yours to make, once the namespace is there:\n"
        f"#   kubectl --namespace {HOME_NAMESPACE} create secret generic {installing.SECRET}{literals}\n"
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that the berth.yaml inside stays readable."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: each object must stand alone."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
