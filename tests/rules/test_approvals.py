"""Who decides about more than a limit allows: somebody else, and never less than the limit needs."""

from decimal import Decimal

import pytest

from bot.rules.actors import Actor
from bot.rules.approvals import Approvers, Concerned, may_decide, needed
from bot.rules.limits import Excess, Limit, Scope, ScopeKind
from bot.rules.words import Role

OF_ADA = Concerned("T1", "UADA", "UADA", "payments")
OF_ADA_ON_LINS = Concerned("T1", "UADA", "ULIN", "payments")


def actor(person: str, role: Role = Role.MEMBER, workspace: str = "T1", **teams: Role) -> Actor:
    return Actor(workspace, person, f"{person}@harbour.example", person, "UTC", role, None, teams)


LIN = actor("ULIN", Role.LEAD, payments=Role.LEAD)
ROOT = actor("UROOT", Role.ADMIN)


def excess(kind: ScopeKind, limit: Limit = Limit.CPU) -> Excess:
    return Excess(Scope(kind, "x"), limit, Decimal(1), Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("decider", "approvers", "concerned", "allowed"),
    [
        (LIN, Approvers.LEADS, OF_ADA, True),
        (ROOT, Approvers.LEADS, OF_ADA, True),
        (ROOT, Approvers.ADMINS, OF_ADA, True),
        (LIN, Approvers.ADMINS, OF_ADA, False),
        (LIN, "nonsense", OF_ADA, False),
        (actor("UMIO", payments=Role.MEMBER), Approvers.LEADS, OF_ADA, False),
        (actor("UMIO", Role.LEAD, search=Role.LEAD), Approvers.LEADS, OF_ADA, False),
        (actor("UMIO", Role.ADMIN, workspace="T2"), Approvers.ADMINS, OF_ADA, False),
        (actor("ULIN", Role.LEAD, workspace="T2", payments=Role.LEAD), Approvers.LEADS, OF_ADA, False),
        # Not their own: neither what they asked for, nor what would raise their own limit, be they admin or lead.
        (actor("UADA", Role.ADMIN), Approvers.ADMINS, OF_ADA, False),
        (actor("UADA", Role.LEAD, payments=Role.LEAD), Approvers.LEADS, OF_ADA, False),
        (LIN, Approvers.LEADS, OF_ADA_ON_LINS, False),
        (ROOT, Approvers.LEADS, OF_ADA_ON_LINS, True),
    ],
)
def test_who_may_decide(decider: Actor, approvers: str, concerned: Concerned, allowed: bool) -> None:
    assert may_decide(decider, approvers, concerned).allowed is allowed


@pytest.mark.parametrize(
    ("excesses", "least"),
    [
        ([excess(ScopeKind.PERSON)], Approvers.LEADS),
        ([excess(ScopeKind.PERSON), excess(ScopeKind.TEAM)], Approvers.ADMINS),
        ([excess(ScopeKind.CLUSTER)], Approvers.ADMINS),
        ([excess(ScopeKind.PERSON, Limit.ROLLOUT)], Approvers.ADMINS),
    ],
)
def test_what_bounds_leads_too_is_for_admins(excesses: list[Excess], least: Approvers) -> None:
    assert needed(excesses) is least
