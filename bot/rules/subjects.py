"""Who people and teams are on a cluster, as subjects of its role bindings. Pure.

Where the cluster knows people by its own issuer, they are its users; elsewhere each has an account in Berth's own
namespace, where no tenant can write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.catalogue import Oidc, Team
from bot.rules.names import service_account_name
from bot.rules.words import HOME_NAMESPACE

Subject = Mapping[str, str]

_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Holder:
    """A person as a cluster may have to know them. `subject` is theirs at an issuer, where they have proven it."""

    workspace_id: str
    id: str
    email: str
    issuer: str = ""
    subject: str = ""


def subject_of(holder: Holder, oidc: Oidc | None) -> Subject | None:
    """The person on a cluster of this issuer, or of none. None for one whose name there is not known yet."""
    if oidc is None:
        account = service_account_name(holder.id, holder.workspace_id)
        return {"kind": "ServiceAccount", "name": account, "namespace": HOME_NAMESPACE}
    proven = holder.subject if holder.issuer == oidc.issuer_url else ""
    claim = holder.email.lower() if oidc.username_claim == "email" else proven
    return _of_issuer("User", f"{oidc.username_prefix}{claim}") if claim else None


def user_name(subject: Subject) -> str:
    """What the API server calls a subject who makes a request."""
    if subject["kind"] == "ServiceAccount":
        return f"system:serviceaccount:{subject['namespace']}:{subject['name']}"
    return subject["name"]


def groups_of(name: str, team: Team | None, oidc: Oidc | None) -> Sequence[Subject]:
    """A team as groups of the issuer: those that it is made of, or the one of its name, where groups are teams."""
    if oidc is None or oidc.groups_prefix is None:
        return []
    groups = [*team.oidc_groups, *team.lead_oidc_groups] if team is not None else []
    return [_of_issuer("Group", f"{oidc.groups_prefix}{group}") for group in groups or [name]]


def key_of(subject: Subject) -> str:
    """One word by which a subject is known again: `ServiceAccount/berth/user-t1-u1`, `User/oidc:ada@example.com`."""
    return "/".join(filter(None, (subject["kind"], subject.get("namespace"), subject["name"])))


def _of_issuer(kind: str, name: str) -> Subject:
    return {"apiGroup": _RBAC, "kind": kind, "name": name}
