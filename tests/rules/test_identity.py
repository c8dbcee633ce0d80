"""Which proof of an identity goes before which, and what is told of the others."""

import pytest

from bot.rules.emails import PlusAddresses
from bot.rules.identity import Evidence, IdentityPolicy, Login, OidcPolicy, Way, resolve

ISSUER = "https://login.harbour.example"
POLICY = IdentityPolicy(frozenset({"harbour.example"}), PlusAddresses.REFUSE, OidcPolicy(ISSUER, "berth"))
LOGIN = Login(ISSUER, "s-1", "ada.brandt@harbour.example", ("payments",))
SLACK = "ada@harbour.example"


@pytest.mark.parametrize(
    ("evidence", "way", "email"),
    [
        (Evidence("x@harbour.example", LOGIN, SLACK, True), Way.MAPPING, "x@harbour.example"),
        (Evidence(None, LOGIN, SLACK, True), Way.LINK, "ada.brandt@harbour.example"),
        (Evidence(None, None, "Ada@Harbour.example", True), Way.EMAIL, SLACK),
        (Evidence(None, LOGIN, None), Way.LINK, "ada.brandt@harbour.example"),
        (Evidence("x@elsewhere.example", None, SLACK, True), Way.MAPPING, "x@elsewhere.example"),
    ],
)
def test_a_mapping_goes_before_a_link_and_that_before_an_email(evidence: Evidence, way: Way, email: str) -> None:
    identity = resolve(evidence, POLICY).identity

    assert identity is not None
    assert (identity.way, identity.email) == (way, email)


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (Evidence(), "does not tell me"),
        (Evidence(email=SLACK), "not confirmed"),
        (Evidence(email="ada@elsewhere.example", email_confirmed=True), "not of a domain that is accepted"),
        (Evidence(email="ada@sub.harbour.example", email_confirmed=True), "not of a domain that is accepted"),
        (Evidence(email="ada@harbour.example.evil.example", email_confirmed=True), "not of a domain"),
        (Evidence(email="r00t@harbour.example", email_confirmed=True), "looks like root@harbour.example"),
        (Evidence(email="ada+x@harbour.example", email_confirmed=True), "holds a +"),
    ],
)
def test_where_nothing_proves_who_somebody_is_the_reason_is_told(evidence: Evidence, why: str) -> None:
    found = resolve(evidence, POLICY, frozenset({"root@harbour.example"}))

    assert found.identity is None
    assert why in found.obstacle


def test_groups_count_only_for_whom_the_login_vouches() -> None:
    linked = resolve(Evidence(None, LOGIN, SLACK, True), POLICY).identity
    mapped_elsewhere = resolve(Evidence("x@harbour.example", LOGIN, SLACK, True), POLICY).identity
    mapped_alike = resolve(Evidence(LOGIN.email, LOGIN, SLACK, True), POLICY).identity

    assert linked is not None
    assert mapped_elsewhere is not None
    assert mapped_alike is not None
    assert linked.groups == mapped_alike.groups == frozenset({"payments"})
    assert not mapped_elsewhere.groups


def test_a_link_to_another_issuer_or_of_another_domain_counts_no_longer() -> None:
    elsewhere = Login("https://old.example", "s-1", "root@harbour.example", ("platform",))
    outside = Login(ISSUER, "s-1", "ada@elsewhere.example", ("platform",))

    for login in (elsewhere, outside):
        identity = resolve(Evidence(None, login, SLACK, True), POLICY).identity
        assert identity is not None
        assert (identity.way, identity.email, identity.groups) == (Way.EMAIL, SLACK, frozenset())
