"""Which teams somebody is in, with which role, and where each of it comes from.

Teams are made of e-mails in berth.yaml, of Slack's user groups and of the groups of the company's login. Where several
say something, the highest role in a team holds. Nobody becomes an admin by a user group of Slack: whoever may edit
groups there would be one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.rules.catalogue import Catalogue, Team
from bot.rules.identity import Identity
from bot.rules.words import Role

_ORDER = tuple(Role)
LISTED = "berth.yaml"


@dataclass(frozen=True)
class Membership:
    """That somebody is in a team, None for Berth as a whole, with a role, by which source, in words."""

    team: str | None
    role: Role
    source: str


@dataclass(frozen=True)
class Roles:
    """Everything that somebody is: the first team in berth.yaml's order, all roles by team, the highest, and whence."""

    team: Team | None
    teams: Mapping[str, Role]
    role: Role
    memberships: Sequence[Membership]


def roles_of(catalogue: Catalogue, identity: Identity, user_groups: Collection[str]) -> Roles:
    """What somebody is. `user_groups`: the ids and the `@handles` of the groups in Slack that they are in."""
    found = [*_of_admins(catalogue, identity)]
    for team in catalogue.teams:
        found += _of_team(team, identity, user_groups)
    teams: dict[str, Role] = {}
    for one in found:
        if one.team is not None:
            teams[one.team] = max(one.role, teams.get(one.team, Role.MEMBER), key=_ORDER.index)
    role = max((one.role for one in found), key=_ORDER.index, default=Role.MEMBER)
    return Roles(next((team for team in catalogue.teams if team.name in teams), None), teams, role, found)


def named_user_groups(catalogue: Catalogue) -> frozenset[str]:
    """The user groups of Slack that berth.yaml names."""
    return frozenset(group for team in catalogue.teams for group in user_groups_of(team))


def user_groups_of(team: Team) -> frozenset[str]:
    """Those that a team is made of."""
    return frozenset(group for group in (team.user_group, team.lead_user_group) if group)


def _of_admins(catalogue: Catalogue, identity: Identity) -> Iterator[Membership]:
    if identity.email in catalogue.admins:
        yield Membership(None, Role.ADMIN, LISTED)
    oidc = catalogue.identity.oidc
    for group in sorted(identity.groups.intersection(oidc.admin_groups)) if oidc else ():
        yield Membership(None, Role.ADMIN, login_group(group))


def _of_team(team: Team, identity: Identity, user_groups: Collection[str]) -> Iterator[Membership]:
    if identity.email in team.members:
        yield Membership(team.name, team.members[identity.email], LISTED)
    for group, role in ((team.user_group, Role.MEMBER), (team.lead_user_group, Role.LEAD)):
        if group is not None and group in user_groups:
            yield Membership(team.name, role, f"the Slack user group {group}")
    for groups, role in ((team.oidc_groups, Role.MEMBER), (team.lead_oidc_groups, Role.LEAD)):
        for group in sorted(identity.groups.intersection(groups)):
            yield Membership(team.name, role, login_group(group))


def login_group(group: str) -> str:
    """A group of the company's login, in words."""
    return f"the group {group} of the company login"
