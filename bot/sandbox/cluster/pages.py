"""The tokens by which a list goes on: as of which version, and from which place."""

from __future__ import annotations

import base64
import binascii
import json

from bot.sandbox.cluster import bodies
from bot.sandbox.cluster.errors import bad_request
from bot.sandbox.cluster.shapes import Obj

TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def token(version: int, start: str) -> str:
    value = {"v": "meta.k8s.io/v1", "rv": version, "start": start}
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(token: str) -> tuple[int, str]:
    """Version and start of a continue token; the version -1 asks for what is there now."""
    wrong = "invalid continue token: continue key is not valid"
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise bad_request(f"{wrong}: illegal base64 data at input byte {len(token) // 4 * 4}") from None
    value = _value(raw, wrong)
    if value.get("v") != "meta.k8s.io/v1":
        told = f"{wrong}: server does not recognize this encoded version {value.get('v', '')}"
        raise bad_request(told)
    if not value.get("rv"):
        raise bad_request(f"{wrong}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not value.get("start"):
        raise bad_request(f"{wrong}: encoded start key empty (version meta.k8s.io/v1)")
    return int(value["rv"]), str(value["start"])


def _value(raw: bytes, wrong: str) -> Obj:
    first = raw[:1].decode("latin-1")
    if first and not first.isascii():
        raise bad_request(f"{wrong}: invalid character '\\u{ord(first):04x}' looking for beginning of value")
    try:
        value = bodies.loads(raw)
    except ValueError as error:
        raise bad_request(f"{wrong}: {error}") from None
    return value if isinstance(value, dict) else {}
