"""Who decides about a request for more than a limit allows.

A lead decides about what one person of their team may have; a limit of a team, of a cluster or of the rollout bounds
leads too, so that admins alone decide about those. Nobody decides about what they asked for, nor about what they own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.rules.actors import Actor
from bot.rules.limits import Excess, Limit, ScopeKind
from bot.rules.permissions import Decision
from bot.rules.words import Role


class Approvers(StrEnum):
    """Who is asked."""

    LEADS = "leads"
    ADMINS = "admins"


@dataclass(frozen=True)
class Concerned:
    """Whom a request is of: who asked, whose limits they are, and of which team."""

    workspace_id: str
    asker_id: str
    owner_id: str
    team: str | None


def needed(excesses: Iterable[Excess]) -> Approvers:
    """The least who may decide about what would be exceeded."""
    personal = all(one.scope.kind is ScopeKind.PERSON and one.limit is not Limit.ROLLOUT for one in excesses)
    return Approvers.LEADS if personal else Approvers.ADMINS


def may_decide(actor: Actor, approvers: str, concerned: Concerned) -> Decision:
    """Whether `actor` may approve or deny a request."""
    if actor.id in (concerned.asker_id, concerned.owner_id):
        return Decision(False, "nobody decides about their own request", "Somebody else has to")
    here = actor.workspace_id == concerned.workspace_id
    if here and actor.role is Role.ADMIN:
        return Decision(True, _RULES[Approvers.ADMINS])
    leads = here and concerned.team is not None and actor.teams.get(concerned.team) is Role.LEAD
    rule = _RULES.get(approvers, _RULES[Approvers.ADMINS])
    return Decision(leads and approvers == Approvers.LEADS, rule, "Ask one of them")


_RULES: Final[Mapping[str, str]] = {
    Approvers.LEADS: "only a lead of the team or an admin may decide about it",
    Approvers.ADMINS: "only an admin may decide about it",
}
