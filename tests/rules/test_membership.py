"""Which teams and roles somebody has, and where each comes from."""

from bot.config.builtin import CLUSTERS, SIZES, TEMPLATES
from bot.rules.catalogue import Catalogue, Team
from bot.rules.identity import Identity, IdentityPolicy, OidcPolicy, Way
from bot.rules.membership import Membership, roles_of
from bot.rules.words import Role

TEAMS = (
    Team("payments", members={"lin@x.example": Role.LEAD}, user_group="@payments", lead_oidc_groups=("pay-leads",)),
    Team("search", members={"ada@x.example": Role.MEMBER}, lead_user_group="S0SEARCH", oidc_groups=("search",)),
    Team("platform", members={"sam@x.example": Role.ADMIN}),
)
OIDC = OidcPolicy("https://login.example", "berth", admin_groups=("platform",))
CATALOGUE = Catalogue(CLUSTERS, SIZES, TEMPLATES, TEAMS, frozenset({"root@x.example"}), IdentityPolicy(oidc=OIDC))


def identity(email: str, *groups: str) -> Identity:
    return Identity(email, Way.LINK, frozenset(groups))


def test_every_source_is_told_and_the_first_team_of_berth_yaml_is_ones_own() -> None:
    found = roles_of(CATALOGUE, identity("ada@x.example", "search"), {"@payments", "S0PAY"})

    assert found.team == TEAMS[0]
    assert found.teams == {"payments": Role.MEMBER, "search": Role.MEMBER}
    assert found.memberships == [
        Membership("payments", Role.MEMBER, "the Slack user group @payments"),
        Membership("search", Role.MEMBER, "berth.yaml"),
        Membership("search", Role.MEMBER, "the group search of the company login"),
    ]


def test_the_highest_role_of_several_sources_holds() -> None:
    found = roles_of(CATALOGUE, identity("ada@x.example", "pay-leads"), {"@payments", "S0SEARCH"})

    assert found.teams == {"payments": Role.LEAD, "search": Role.LEAD}
    assert found.role is Role.LEAD


def test_admins_are_listed_or_in_a_group_of_the_login_or_admins_of_a_team() -> None:
    for one in (identity("root@x.example"), identity("ada@x.example", "platform"), identity("sam@x.example")):
        assert roles_of(CATALOGUE, one, ()).role is Role.ADMIN


def test_a_user_group_named_like_a_group_of_admins_makes_no_admin() -> None:
    found = roles_of(CATALOGUE, identity("ada@x.example"), {"@platform", "platform"})

    assert found.role is Role.MEMBER


def test_who_is_in_nothing_is_a_member_without_a_team() -> None:
    found = roles_of(CATALOGUE, identity("new@x.example"), ())

    assert (found.team, found.teams, found.role, found.memberships) == (None, {}, Role.MEMBER, [])
