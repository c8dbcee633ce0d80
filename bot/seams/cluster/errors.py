"""How requests to a cluster fail, in words that people can be told."""

from collections.abc import Mapping
from datetime import timedelta

import orjson


class ClusterError(Exception):
    """A request failed. The text is for people; `passing` says whether trying again can help by itself."""

    passing = False
    retry_after: timedelta | None = None


class Unreachable(ClusterError):
    """No answer came."""

    passing = True


class Busy(ClusterError):
    """The API server asked for patience (429) or had an error of its own (5xx)."""

    passing = True


class Conflict(ClusterError):
    """Somebody else changed the object first (409)."""

    passing = True


class AlreadyExists(ClusterError):
    """An object of that name exists (409)."""


class NotFound(ClusterError):
    """There is no such object (404)."""


class Forbidden(ClusterError):
    """Not allowed: by RBAC, a quota or an admission policy (401, 403)."""


class Refused(ClusterError):
    """The API server found the object wrong (any other 4xx)."""


def error_of(cluster: str, status: int, data: bytes, headers: Mapping[str, str]) -> ClusterError:
    """What an answer that says no is raised as."""
    try:
        said = orjson.loads(data)
        reason, message = str(said.get("reason", "")), str(said.get("message", ""))
    except ValueError:
        reason, message = "", ""
    error = _class_of(status, reason)(message or f"cluster {cluster} answered {status}")
    after = headers.get("Retry-After", "")
    if after.isascii() and after.isdecimal():
        error.retry_after = timedelta(seconds=int(after))
    return error


def _class_of(status: int, reason: str) -> type[ClusterError]:
    if reason == "AlreadyExists":
        return AlreadyExists
    if status == 429 or status >= 500:
        return Busy
    return {401: Forbidden, 403: Forbidden, 404: NotFound, 409: Conflict}.get(status, Refused)
