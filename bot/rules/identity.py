"""Who a Slack user is on the cluster, by which proof, and what else was considered.

What an admin has mapped goes before a proven link to the company's login, and that before the e-mail that Slack
confirms. Whether somebody may use Berth at all (no bot, no guest, of this workspace) is settled before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.rules import emails
from bot.rules.emails import AddressError, PlusAddresses


class Way(StrEnum):
    """How an identity is known."""

    MAPPING = "an admin’s mapping"
    LINK = "your company login"
    EMAIL = "the e-mail that Slack confirms"


@dataclass(frozen=True)
class OidcPolicy:
    """The company's login: an OpenID Connect issuer with discovery, and what Berth is there."""

    issuer: str
    client_id: str
    scopes: Sequence[str] = ("openid", "email", "profile")
    email_claim: str = "email"
    groups_claim: str = "groups"
    unverified_emails: bool = False  # whether an e-mail counts of which the issuer does not say that it is verified
    admin_groups: Sequence[str] = ()  # whoever is in one of them is an admin of Berth
    groups_last: timedelta = timedelta(days=30)  # how long the groups that a login told count; 0: until the next login


@dataclass(frozen=True)
class IdentityPolicy:
    """Whose e-mails are accepted, and how else people are known. No domains: those of every domain."""

    domains: frozenset[str] = frozenset()
    plus_addresses: PlusAddresses = PlusAddresses.REFUSE
    oidc: OidcPolicy | None = None


@dataclass(frozen=True)
class Login:
    """Whom the issuer says somebody to be. `outdated`: groups told so long ago that they give no rights any more."""

    issuer: str
    subject: str
    email: str
    groups: Sequence[str] = ()
    outdated: Sequence[str] = ()


@dataclass(frozen=True)
class Evidence:
    """What is known of one Slack user."""

    mapped: str | None = None  # an e-mail
    login: Login | None = None
    email: str | None = None
    email_confirmed: bool = False


@dataclass(frozen=True)
class Considered:
    """One way: which identity it gives, or why it gives none."""

    way: Way
    email: str = ""
    obstacle: str = ""


@dataclass(frozen=True)
class Identity:
    """Who somebody is: the e-mail, in the form it is compared by, the way it is known, and the issuer's groups."""

    email: str
    way: Way
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Resolution:
    """The identity, None where nothing proves one, and every way in the order in which they count."""

    identity: Identity | None
    considered: tuple[Considered, ...]

    @property
    def obstacle(self) -> str:
        """Why there is none: what is wrong with what Slack says."""
        return self.considered[-1].obstacle


def resolve(evidence: Evidence, policy: IdentityPolicy, privileged: frozenset[str] = frozenset()) -> Resolution:
    """Who somebody is. `privileged` are the addresses that bear a role, which none may look like by chance."""
    considered = (
        _mapping(evidence, policy),
        _link(evidence, policy),
        _email(evidence, policy, privileged),
    )
    found = next((one for one in considered if one.email), None)
    if found is None:
        return Resolution(None, considered)
    login = evidence.login
    vouched = login is not None and considered[1].email == found.email
    groups = frozenset(login.groups) if login is not None and vouched else frozenset()
    return Resolution(Identity(found.email, found.way, groups), considered)


def accepted(address: str, policy: IdentityPolicy) -> str:
    """The address in the form it is compared by. Raises AddressError for one that is not accepted."""
    found = emails.key(address, policy.plus_addresses)
    if policy.domains and emails.domain_of(found) not in policy.domains:
        allowed = ", ".join(sorted(policy.domains))
        raise AddressError(f"is not of a domain that is accepted here ({allowed})")
    return found


def _mapping(evidence: Evidence, policy: IdentityPolicy) -> Considered:
    if evidence.mapped is None:
        return Considered(Way.MAPPING, obstacle="no admin has mapped you")
    return Considered(Way.MAPPING, evidence.mapped)


def _link(evidence: Evidence, policy: IdentityPolicy) -> Considered:
    login = evidence.login
    if policy.oidc is None:
        return Considered(Way.LINK, obstacle="no company login is configured here")
    if login is None:
        return Considered(Way.LINK, obstacle="you have linked none")
    if login.issuer != policy.oidc.issuer:
        return Considered(Way.LINK, obstacle=f"your link is to {login.issuer}, which is no longer the company’s login")
    try:
        return Considered(Way.LINK, accepted(login.email, policy))
    except AddressError as error:
        return Considered(Way.LINK, obstacle=f"its address {error}")


def _email(evidence: Evidence, policy: IdentityPolicy, privileged: frozenset[str]) -> Considered:
    if not evidence.email:
        return Considered(Way.EMAIL, obstacle="Slack does not tell me your e-mail address")
    if not evidence.email_confirmed:
        return Considered(Way.EMAIL, obstacle="your e-mail address is not confirmed in Slack")
    try:
        found = accepted(evidence.email, policy)
    except AddressError as error:
        return Considered(Way.EMAIL, obstacle=f"your e-mail address in Slack {error}")
    like = emails.likeness(found, privileged)
    if like is not None:
        return Considered(Way.EMAIL, obstacle=f"your e-mail address in Slack looks like {like}, but is another")
    return Considered(Way.EMAIL, found)
