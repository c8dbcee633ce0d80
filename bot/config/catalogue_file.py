"""berth.yaml as a Catalogue: which keys each section has and what each may be.

A section is a table of its keys; the tables are what berth.example.yaml documents. Every mistake of the file is
reported together, and nothing half-valid ever leaves this module.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from bot.config import builtin, identity_section, limits_section, policy_sections, values
from bot.config.problems import ConfigError, Problem, Refused, shown, suggestion
from bot.config.template_manifests import identity, manifest
from bot.config.yaml_places import Parser, Place, Report, read, scalar
from bot.rules.catalogue import Catalogue, ClusterSpec, Oidc, Prices, Size, Team, Template, Traffic
from bot.rules.quantities import amount
from bot.rules.words import Role

T = TypeVar("T")
Entry = TypeVar("Entry", ClusterSpec, Size, Template, Team)


@dataclass(frozen=True)
class SurveyedCatalogue:
    """What could be made of a berth.yaml: its right parts, if there are clusters among them, and every mistake."""

    catalogue: Catalogue | None
    problems: tuple[Problem, ...]


def load_catalogue(path: Path | None) -> Catalogue:
    """The catalogue of this berth.yaml; the built-in one for None, an absent or an empty file.

    Raises ConfigError with every problem of the file.
    """
    surveyed = survey_catalogue(path)
    if surveyed.catalogue is None or surveyed.problems:
        raise ConfigError(surveyed.problems)
    return surveyed.catalogue


def survey_catalogue(path: Path | None, *checks: Callable[[Place], None]) -> SurveyedCatalogue:
    """Like `load_catalogue`, for whoever goes on with what is right. `checks` look at the whole file beside its own."""
    place = read(path) if path is not None and path.exists() else Place(None, (), Report("berth.yaml"))
    readable = not place.report.problems
    sections = place.fields(_SECTIONS) or {}
    for check in (lambda whole: _check_names(whole, sections), _check_limited, *checks):
        check(place)
    problems = tuple(sorted(place.report.problems, key=lambda problem: problem.line or 0))
    usable = (readable and sections.get("clusters", True) != ()) or not problems
    return SurveyedCatalogue(_catalogue(sections) if usable else None, problems)


def _catalogue(sections: dict[str, Any]) -> Catalogue:
    """Put the defaults where the file said nothing. Sizes that are listed replace the built-in ones; templates join."""
    given = {key: value for key, value in sections.items() if value != ()}
    clusters: Sequence[ClusterSpec] = given.pop("clusters", builtin.CLUSTERS)
    default_cluster = given.pop("default_cluster", clusters[0].name)
    given["clusters"] = tuple(sorted(clusters, key=lambda cluster: cluster.name != default_cluster))
    given.setdefault("sizes", builtin.SIZES)
    given.setdefault("default_size", given["sizes"][0].name)
    given["templates"] = _joined(builtin.TEMPLATES, given.get("templates", ()))
    return Catalogue(**given)


def _joined(first: Iterable[Template], second: Iterable[Template]) -> tuple[Template, ...]:
    """Both, the second's entry where a name is in both."""
    return tuple({template.name: template for template in (*first, *second)}.values())


def _prices(place: Place) -> Prices:
    return Prices(**(place.fields(_PRICES) or {}))


def _cluster(place: Place) -> ClusterSpec | None:
    fields = place.fields(_CLUSTER, required=("name",))
    if fields is None:
        return None
    access = fields.pop("access", "token")
    if (access == "oidc") is not ("oidc" in _written_keys(place)):
        place.refuse("access: oidc and a section oidc go together: write both, or none for tokens.")
    return ClusterSpec(**fields)


def _written_keys(place: Place) -> frozenset[str]:
    return frozenset(key for key, value in place.value.items() if value is not None)


def _oidc(place: Place) -> Oidc | None:
    fields = place.fields(_OIDC, required=("issuer_url", "client_id"))
    return Oidc(**fields) if fields else None


def _namespaces(place: Place) -> tuple[str, ...]:
    return tuple(filter(None, (item.parse(scalar(values.namespace)) for item in place.items())))


def _scaled_kinds(place: Place) -> tuple[str, ...]:
    return tuple(filter(None, (item.parse(scalar(values.scaled_kind)) for item in place.items())))


def _priority_classes(place: Place) -> tuple[str, ...]:
    return tuple(filter(None, (item.parse(scalar(values.priority_class)) for item in place.items())))


def _traffic(place: Place) -> Traffic | None:
    fields = place.fields(_TRAFFIC, required=tuple(_TRAFFIC))
    return Traffic(**fields) if fields else None


def _size(place: Place) -> Size | None:
    fields = place.accepted(_SIZE, required=_SIZE_NEEDS)
    for key in ("cpu", "memory"):
        limit = fields.get(f"{key}_limit")
        if limit and key in fields and amount(limit) < amount(fields[key]):
            place.at(f"{key}_limit").refuse(
                f"{shown(limit)} is less than {key} {shown(fields[key])}, which pods may request together: "
                "a limit is at least as much."
            )
            return None
    return Size(**fields) if all(key in fields for key in _SIZE_NEEDS) else None


def _template(place: Place) -> Template | None:
    fields = place.fields(_TEMPLATE, required=("name",))
    return Template(**{"summary": fields["name"], **fields}) if fields else None


def _manifests(place: Place) -> tuple[dict[str, Any], ...]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in place.items():
        body = item.parse(manifest)
        if body is not None and identity(body) in found:
            item.refuse(f"{' '.join(identity(body))} stands twice in this template.")
        elif body is not None:
            found[identity(body)] = body
    return tuple(found.values())


def _team(place: Place) -> Team | None:
    fields = place.fields(_TEAM, required=("name",))
    return Team(**fields) if fields else None


def _members(place: Place) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for item in place.items():
        member = item.parse(_member)
        if member and member[0] in found:
            item.refuse(f"{shown(member[0])} is in this team twice.")
        elif member:
            found[member[0]] = member[1]
    return found


def _member(place: Place) -> tuple[str, Role] | None:
    """An e-mail alone is a member; with a role, a mapping."""
    if not isinstance(place.value, dict):
        return scalar(values.email)(place) or "", Role.MEMBER
    fields = place.fields(_MEMBER, required=("email",))
    return (fields["email"], fields.get("role", Role.MEMBER)) if fields else None


def _channel(place: Place) -> str | None:
    if place.value is None:
        raise Refused('is empty; an unquoted # begins a comment in YAML: write it in quotes, as "#payments".')
    return scalar(values.channel)(place)


def _admins(place: Place) -> frozenset[str]:
    return frozenset(filter(None, (item.parse(scalar(values.email)) for item in place.items())))


def _list(entry: Parser[Entry]) -> Parser[tuple[Entry, ...]]:
    """A list of named entries; a name that stands twice is reported, whatever else is wrong with its entry."""

    def parser(place: Place) -> tuple[Entry, ...]:
        found: dict[str, Entry] = {}
        written: set[str] = set()
        for item in place.items():
            parsed = item.parse(entry)
            name = _written_name(item.value)
            if name is not None and name in written:
                item.refuse(f"the name {shown(name)} stands twice; names are unique.")
            elif parsed is not None:
                found[parsed.name] = parsed
            written |= {name} if name is not None else set()
        return tuple(found.values())

    return parser


def _check_names(place: Place, sections: dict[str, Any]) -> None:
    """The defaults must name something that exists. An entry with a mistake of its own counts as existing."""
    for key, section, brought in _DEFAULTS:
        known = _written_names(place, section)
        known = (*brought, *known) if section == "templates" else known or tuple(brought)
        chosen = sections.get(key)
        if chosen is not None and chosen not in known:
            place.at(key).refuse(
                f"{shown(chosen)} is not in {section}{suggestion(chosen, known)}; there are {', '.join(known)}."
            )


def _check_limited(place: Place) -> None:
    clusters = _written_names(place, "clusters") or tuple(cluster.name for cluster in builtin.CLUSTERS)
    limits_section.check_names(place, _written_names(place, "teams"), clusters)


def _written_names(place: Place, section: str) -> tuple[str, ...]:
    entries = place.value.get(section) if isinstance(place.value, dict) else None
    named = map(_written_name, entries if isinstance(entries, list) else ())
    return tuple(name for name in named if name is not None)


def _written_name(entry: object) -> str | None:
    return str(entry["name"]) if isinstance(entry, dict) and "name" in entry else None


_PRICES: Final[dict[str, Parser[Any]]] = {
    "cpu_core_hour": scalar(values.price),
    "memory_gib_hour": scalar(values.price),
    "storage_gib_hour": scalar(values.price),
    "gpu_hour": scalar(values.price),
    "currency": scalar(values.currency),
}
_TRAFFIC: Final[dict[str, Parser[Any]]] = {
    "prometheus": scalar(values.prometheus_url),
    "query": scalar(values.query),
}
_OIDC: Final[dict[str, Parser[Any]]] = {
    "issuer_url": scalar(values.issuer_url),
    "client_id": scalar(values.text),
    "username_claim": scalar(values.username_claim),
    "username_prefix": scalar(values.name_prefix),
    "groups_prefix": scalar(values.name_prefix),
}
_CLUSTER: Final[dict[str, Parser[Any]]] = {
    "name": scalar(values.name),
    "context": scalar(values.text),
    "server": scalar(values.server_url),
    "certificate_authority": scalar(values.file),
    "ingress_namespaces": _namespaces,
    "ingress_domain": scalar(values.ingress_domain),
    "scaled_kinds": _scaled_kinds,
    "prices": _prices,
    "traffic": _traffic,
    "gitops_namespaces": _namespaces,
    "priority_classes": _priority_classes,
    "audit": scalar(values.flag),
    "wakes_at_once": scalar(values.count),
    "access": scalar(values.access),
    "oidc": _oidc,
}
_SIZE: Final[dict[str, Parser[Any]]] = {
    "name": scalar(values.name),
    "cpu": scalar(values.size_cpu),
    "memory": scalar(values.size_memory),
    "storage": scalar(values.memory),
    "pods": scalar(values.count),
    "cpu_limit": scalar(values.size_cpu),
    "memory_limit": scalar(values.size_memory),
    "gpu": scalar(values.count_or_none),
    "scratch": scalar(values.memory),
}
_SIZE_NEEDS: Final = ("name", "cpu", "memory", "storage", "pods")
_TEMPLATE: Final[dict[str, Parser[Any]]] = {
    "name": scalar(values.name),
    "summary": scalar(values.text),
    "manifests": _manifests,
    "sleep": policy_sections.settings,
}
_MEMBER: Final[dict[str, Parser[Any]]] = {"email": scalar(values.email), "role": scalar(values.role)}
_TEAM: Final[dict[str, Parser[Any]]] = {
    "name": scalar(values.name),
    "channel": _channel,
    "time_zone": scalar(values.time_zone),
    "members": _members,
    "sleep": policy_sections.settings,
    "hears_warnings": scalar(values.flag),
    **identity_section.TEAM_GROUPS,
}
_SECTIONS: Final[dict[str, Parser[Any]]] = {
    "clusters": _list(_cluster),
    "default_cluster": scalar(values.name),
    "sizes": _list(_size),
    "default_size": scalar(values.name),
    "templates": _list(_template),
    "default_template": scalar(values.name),
    "teams": _list(_team),
    "admins": _admins,
    "identity": identity_section.identity,
    "sleep": policy_sections.sleep,
    "ttl": policy_sections.ttl,
    "leaving": policy_sections.leaving,
    "digest": policy_sections.digest,
    "activity": policy_sections.activity,
    "audit_log": policy_sections.audit_log,
    "limits": limits_section.limits,
    "approvals": limits_section.approvals,
    "rollout": limits_section.rollout,
    "token_lifetime": scalar(values.token_lifetime),
}
_DEFAULTS: Final = (
    # the key, the section whose names it may take, the names that Berth brings along
    ("default_cluster", "clusters", [cluster.name for cluster in builtin.CLUSTERS]),
    ("default_size", "sizes", [size.name for size in builtin.SIZES]),
    ("default_template", "templates", [template.name for template in builtin.TEMPLATES]),
)
