"""When two e-mail addresses are one, and when one only looks like another.

An address is compared by its key, and only plain addresses have one: in plain ASCII letters nothing looks like another
letter of another alphabet, nothing is invisible, and changing the case changes nothing else. Whoever really has
another address is mapped by an admin. A domain with other letters is written in its ASCII form, `xn--…`.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_{|}~+-]+(?:\.[A-Za-z0-9!#$%&'*/=?^_{|}~+-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")
_LONGEST: Final = 254  # characters, RFC 5321
_LIKENESSES: Final = (("vv", "w"), ("rn", "m"), ("0", "o"), ("1", "l"), ("|", "l"))
"""What is taken for another in plain letters; both are replaced by the second, so that likenesses become the same."""


class PlusAddresses(StrEnum):
    """What `ada+test@…` is beside `ada@…`: another person, the same one, or nobody."""

    ALLOW = "allow"
    SAME = "same"
    REFUSE = "refuse"


class AddressError(Exception):
    """The address is nobody's. The text says why, to be read after "the address"."""


def key(address: str, plus: PlusAddresses = PlusAddresses.REFUSE) -> str:
    """What an address is compared by: two with the same key are one person. Raises AddressError."""
    odd = _odd(address)
    if odd:
        raise AddressError(f"holds {odd}, by which it could look like somebody else’s")
    local, separator, domain = address.rpartition("@")
    if not separator or len(address) > _LONGEST or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise AddressError("is not written as plainly as ada@example.com")
    if "+" in local and plus is PlusAddresses.REFUSE:
        raise AddressError("holds a +, and such second addresses of one mailbox are not accepted here")
    if plus is PlusAddresses.SAME:
        local = local.partition("+")[0] or local
    return f"{local}@{domain}".lower()


def domain_of(address: str) -> str:
    """What stands behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


def likeness(address: str, known: Iterable[str]) -> str | None:
    """The known address that this one only looks like; None where it is that one, or looks like none."""
    keys = {one.lower() for one in known}
    if address.lower() in keys:
        return None
    seen = _seen(address)
    return next((one for one in sorted(keys) if _seen(one) == seen), None)


def _odd(address: str) -> str:
    """The first character that is not a plain one, in words."""
    found = next((one for one in address if not ("!" <= one <= "~")), None)
    if found is None:
        return ""
    return f"the character {unicodedata.name(found, 'without a name').lower()} (U+{ord(found):04X})"


def _seen(address: str) -> str:
    """What an address is to a hurried eye."""
    text = address.lower()
    for like, other in _LIKENESSES:
        text = text.replace(like, other)
    return text
