"""What the server refuses, in the words of the real one.

Every refusal is a :class:`Refusal`, which is a Kubernetes ``Status`` waiting to be sent. Nothing here decides anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.cluster.kinds import Kind

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class Refusal(Exception):
    """An answer other than success: HTTP status, message, reason and details of a Status object."""

    headers: tuple[tuple[str, str], ...] = ()
    metadata: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    def __init__(
        self,
        code: int,
        message: str,
        details: dict[str, Any] | None = None,
        *,
        reason: str | None = None,
        retry_after: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = REASONS.get(code, "") if reason is None else reason
        self.details = details
        self.retry_after = retry_after

    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure"}
        body |= {"message": self.message} | ({"reason": self.reason} if self.reason else {})
        details = dict(self.details) if self.details is not None else None
        if self.retry_after:
            details = {**(details or {}), "retryAfterSeconds": self.retry_after}
        if details is not None:
            body["details"] = details
        return body | {"code": self.code}


@dataclass(frozen=True, slots=True)
class Cause:
    """One field's fault: where, of which sort and what the server says of it."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"

    def as_json(self) -> dict[str, str]:
        return {"reason": self.reason, "message": self.message, "field": self.field}


def go_value(value: Any) -> str:
    """A value as Go's validation messages show it: strings quoted, the rest as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def go_map(value: Any) -> str:
    """A decoded patch as Go prints it: ``map[spec:map[replicas:x]]``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_map(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(go_map(part) for part in value)}]"
    return {None: "<nil>", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, str) else value


def too_long(field: str, most: int) -> Cause:
    return Cause(field, f"Too long: may not be more than {most} bytes", "FieldValueTooLong")


def duplicate(field: str, value: Any) -> Cause:
    return Cause(field, f"Duplicate value: {go_value(value)}", "FieldValueDuplicate")


def bad_value(field: str, value: Any, why: str) -> Cause:
    return Cause(field, f"Invalid value: {go_value(value)}: {why}")


def required(field: str, why: str = "") -> Cause:
    return Cause(field, f"Required value: {why}" if why else "Required value", "FieldValueRequired")


def forbidden_field(field: str, why: str) -> Cause:
    return Cause(field, f"Forbidden: {why}", "FieldValueForbidden")


def unsupported(field: str, value: Any, known: list[str]) -> Cause:
    listed = ", ".join(f'"{name}"' for name in known)
    return Cause(field, f"Unsupported value: {go_value(value)}: supported values: {listed}", "FieldValueNotSupported")


def _details(kind: Kind, name: str) -> dict[str, Any]:
    details = {"name": name} if name else {}
    return details | ({"group": kind.group} if kind.group else {}) | {"kind": kind.plural}


def not_found(kind: Kind, name: str) -> Refusal:
    return Refusal(404, f'{kind.resource} "{name}" not found', _details(kind, name))


def already_exists(kind: Kind, name: str, prefix: str = "") -> Refusal:
    message = f'{prefix}{kind.resource} "{name}" already exists'
    return Refusal(409, message, _details(kind, name), reason="AlreadyExists")


def conflict(kind: Kind, name: str, why: str = MODIFIED, *, by_kind: bool = False) -> Refusal:
    """A 409; a delete's preconditions name the kind where all else names the resource."""
    details = _details(kind, name) | ({"kind": kind.kind} if by_kind else {})
    told = kind.resource.replace(kind.plural, kind.kind, 1) if by_kind else kind.resource
    return Refusal(409, f'Operation cannot be fulfilled on {told} "{name}": {why}', details)


def forbidden(kind: Kind, name: str, why: str, causes: list[Cause] | None = None) -> Refusal:
    details = _details(kind, name)
    if causes:
        details["causes"] = [cause.as_json() for cause in causes]
    subject = f'{kind.resource} "{name}"' if name else kind.resource
    return Refusal(403, f"{subject} is forbidden: {why}", details)


def invalid(group: str, kind: str, name: str, causes: list[Cause]) -> Refusal:
    # The message says each fault once; the causes repeat those that two checks found.
    faults = list(dict.fromkeys(f"{cause.field}: {cause.message}" for cause in causes))
    told = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
    details: dict[str, Any] = {"name": name} if name else {}
    details |= ({"group": group} if group else {}) | ({"kind": kind} if kind else {})
    details["causes"] = [cause.as_json() for cause in causes]
    full = f"{kind}.{group}" if group else kind
    return Refusal(422, f'{full} "{name}" is invalid: {told}', details)


def not_allowed() -> Refusal:
    """What the server's router says to a method that a path does not take."""
    return Refusal(405, "the server does not allow this method on the requested resource", {})


def no_such_resource() -> Refusal:
    """What the router says to a path below a known group and version that names nothing."""
    return Refusal(404, "the server could not find the requested resource", {})


def unexplained(message: str) -> Refusal:
    """An error that the server did not expect, so that its answer has no reason."""
    return Refusal(500, message, reason="")


def bad_request(message: str) -> Refusal:
    return Refusal(400, message)
