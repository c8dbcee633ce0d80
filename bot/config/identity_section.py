"""The section of berth.yaml that settles how people are known, and the groups that teams are made of."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from bot.config import values
from bot.config.problems import Refused, shown, suggestion
from bot.config.yaml_places import Parser, Place, scalar
from bot.rules.emails import PlusAddresses
from bot.rules.identity import IdentityPolicy, OidcPolicy

T = TypeVar("T")


def identity(place: Place) -> IdentityPolicy:
    """How people are known."""
    return IdentityPolicy(**place.accepted(_IDENTITY))


def _oidc(place: Place) -> OidcPolicy | None:
    fields = place.fields(_OIDC, required=("issuer", "client_id"))
    if fields is None:
        return None
    if "openid" not in fields.get("scopes", OidcPolicy.scopes):
        raise Refused("scopes must hold openid, or the issuer says nothing of who somebody is.")
    return OidcPolicy(**fields)


def _each(parse: Callable[[Any], T]) -> Parser[tuple[T, ...]]:
    def parser(place: Place) -> tuple[T, ...]:
        found = (item.parse(scalar(parse)) for item in place.items())
        return tuple(one for one in found if one is not None)

    return parser


def _domains(place: Place) -> frozenset[str]:
    found = frozenset(_each(values.domain)(place) or ())
    if not found and place.value in (None, []):
        raise Refused("names no domain: leave it out to accept every one.")
    return found


def _plus_addresses(value: Any) -> PlusAddresses:
    if value not in tuple(PlusAddresses):
        near = suggestion(str(value), PlusAddresses)
        raise Refused(f"{shown(value)} is not a rule{near}: write one of {', '.join(PlusAddresses)}.")
    return PlusAddresses(value)


TEAM_GROUPS: Final[dict[str, Parser[Any]]] = {
    "user_group": scalar(values.user_group),
    "lead_user_group": scalar(values.user_group),
    "oidc_groups": _each(values.text),
    "lead_oidc_groups": _each(values.text),
}
_OIDC: Final[dict[str, Parser[Any]]] = {
    "issuer": scalar(values.issuer),
    "client_id": scalar(values.text),
    "scopes": _each(values.text),
    "email_claim": scalar(values.text),
    "groups_claim": scalar(values.text),
    "unverified_emails": scalar(values.flag),
    "admin_groups": _each(values.text),
    "groups_last": scalar(values.duration_or_none),
}
_IDENTITY: Final[dict[str, Parser[Any]]] = {
    "domains": _domains,
    "plus_addresses": scalar(_plus_addresses),
    "oidc": _oidc,
}
