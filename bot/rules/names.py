"""From what a person types to names that Kubernetes accepts.

Two names that a person would call the same (`Blue`, `blue!`) are the same; two that differ in a letter are not.
"""

import hashlib
import re
import unicodedata

ACCOUNT_PATTERN = "^user-[a-z0-9]+-[a-z0-9]+$"
"""What the ServiceAccount of a person is called, and nothing else in Berth's own namespace."""
NAMESPACE_PREFIX = "env-"
"""How the namespaces of environments begin."""
_LONGEST = 30  # leaves room in the 63 characters of a namespace, and in what a virtual cluster appends to its name


def slug(typed: str) -> str:
    """The name as it is looked up: lower-case letters, digits and single dashes, at most 30 characters.

    Where folding to ASCII loses a letter, or the name is cut, a hash of what was typed keeps different names apart.
    Raises ValueError if nothing was typed.
    """
    wanted = unicodedata.normalize("NFKC", typed).strip().casefold()
    if not wanted:
        raise ValueError("a name needs at least one letter or digit")
    folded = "".join(_ascii(character) for character in unicodedata.normalize("NFKD", wanted))
    plain = "-".join("".join(c if c.isalnum() else " " for c in folded).split())
    lossy = any(c.isalnum() and not _ascii(c) for c in unicodedata.normalize("NFKD", wanted)) or not plain
    if not lossy and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.blake2s(wanted.encode(), digest_size=3).hexdigest()
    return f"{plain[: _LONGEST - 7].strip('-') or 'x'}-{digest}"


def _ascii(character: str) -> str:
    """The character itself if ASCII, a dash for what separates words, nothing for accents and foreign letters."""
    if character.isascii():
        return character
    return "" if character.isalnum() or unicodedata.combining(character) else " "


def namespace_name(name: str, environment_id: str, attempt: int = 0) -> str:
    """The namespace of an environment: readable, and made unique by the environment's id.

    `attempt` gives another one when the first belongs to somebody else.
    """
    unique = environment_id[:6] if attempt == 0 else f"{environment_id[:6]}{attempt}"
    return f"{NAMESPACE_PREFIX}{name}-{unique}"


def service_account_name(person_id: str, workspace_id: str) -> str:
    """The ServiceAccount that a person is on a cluster: Slack ids are ASCII letters and digits."""
    return f"user-{workspace_id}-{person_id}".lower()


def account_holder(account: str) -> tuple[str, str] | None:
    """The workspace and the person whose ServiceAccount this is; None for an account that is nobody's."""
    named = re.fullmatch(r"user-([a-z0-9]+)-([a-z0-9]+)", account, re.ASCII)  # as ACCOUNT_PATTERN
    return (named[1].upper(), named[2].upper()) if named else None
