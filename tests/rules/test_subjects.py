"""Who people and teams are on a cluster, and kubeconfigs that fit into a modal."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.catalogue import Oidc, Team
from bot.rules.kubeconfigs import BLOCK, as_yaml, parts
from bot.rules.manifests import issuer_login, kubeconfig
from bot.rules.subjects import Holder, groups_of, key_of, subject_of

ADA = Holder("T1", "UADA", "Ada@Harbour.example", "https://dex.example.com", "00u1a2")
DEX = Oidc("https://dex.example.com", "kubernetes")


@pytest.mark.parametrize(
    ("oidc", "known_as"),
    [
        (None, "ServiceAccount/berth/user-t1-uada"),
        (DEX, "User/oidc:ada@harbour.example"),
        (Oidc("https://dex.example.com", "kubernetes", "sub", "dex-"), "User/dex-00u1a2"),
    ],
)
def test_a_person_is_known_by_what_the_cluster_goes_by(oidc: Oidc | None, known_as: str) -> None:
    subject = subject_of(ADA, oidc)

    assert subject is not None
    assert key_of(subject) == known_as


@pytest.mark.parametrize("holder", [Holder("T1", "UADA", "ada@harbour.example"), ADA])
def test_whoever_has_not_linked_a_login_at_this_issuer_has_no_name_where_subjects_count(holder: Holder) -> None:
    assert subject_of(holder, Oidc("https://elsewhere.example", "k", "sub")) is None


@pytest.mark.parametrize(
    ("team", "groups"),
    [
        (None, ["Group/oidc:payments"]),
        (Team("payments"), ["Group/oidc:payments"]),
        (
            Team("payments", oidc_groups=("pay",), lead_oidc_groups=("pay-leads",)),
            ["Group/oidc:pay", "Group/oidc:pay-leads"],
        ),
    ],
)
def test_a_team_is_groups_of_the_issuer_where_the_company_says_so(team: Team | None, groups: list[str]) -> None:
    dex = Oidc("https://dex.example.com", "kubernetes", groups_prefix="oidc:")

    assert [key_of(group) for group in groups_of("payments", team, dex)] == groups
    assert groups_of("payments", team, DEX) == groups_of("payments", team, None) == []


@given(st.integers(1, 5_000), st.integers(1, 2_500))
@settings(deadline=None, max_examples=50)
def test_a_kubeconfig_fits_in_blocks_and_says_the_same_when_it_is_put_together(authority: int, token: int) -> None:
    server = {"server": "https://api.example.com", "certificate-authority-data": "QUJD" * authority}
    config = kubeconfig("env-blue-1", "env-blue-1", server, {"token": "e.y-J" * (token // 5 + 1)})

    shown = parts(as_yaml(config))

    assert max(map(len, shown)) <= BLOCK
    assert yaml.safe_load("".join(shown)) == config


def test_a_login_at_an_issuer_holds_no_secret_and_asks_as_kubelogin_wants_it() -> None:
    login = issuer_login(Oidc("https://dex.example.com", "kubernetes", groups_prefix="oidc:"))["exec"]

    assert login["apiVersion"] == "client.authentication.k8s.io/v1"
    assert login["interactiveMode"] == "IfAvailable"
    assert [login["command"], *login["args"]] == [
        "kubectl",
        "oidc-login",
        "get-token",
        "--oidc-issuer-url=https://dex.example.com",
        "--oidc-client-id=kubernetes",
        "--oidc-extra-scope=email",
        "--oidc-extra-scope=groups",
    ]
