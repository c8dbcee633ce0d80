"""What a request's query asks beyond its path, and the refusal of what it may not ask.

Numbers and values of every kind of options are rows of tables. A query that asks for nothing costs nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.errors import (
    Cause,
    bad_request,
    bad_value,
    forbidden_field,
    go_value,
    invalid,
    required,
    too_long,
    unsupported,
)

_NUMBERS = ("limit", "timeoutSeconds", "gracePeriodSeconds")
_MATCHES = ["Exact", "NotOlderThan"]
_MATCH = "resourceVersionMatch"
_APPLY = "application/apply-patch+yaml"


def check_options(call: Call) -> None:
    """Refuses numbers that are none with 400, and options that contradict each other with 422."""
    query = call.query
    for name in _NUMBERS:
        if name in query:
            _number(query[name])
    row = _OPTIONS.get(call.verb)
    if row is None:
        return
    kind, checks = row
    causes = [cause for check in checks for cause in check(call)]
    if causes:
        raise invalid("meta.k8s.io", kind, "", causes)


def _number(text: str) -> None:
    digits = text.lstrip("+-")
    if not digits.isdigit() or len(text) - len(digits) > 1:
        raise bad_request(f"strconv.ParseInt: parsing {go_value(text)}: invalid syntax")
    if abs(int(digits)) >= 1 << 63:
        raise bad_request(f"strconv.ParseInt: parsing {go_value(text)}: value out of range")


def _list(call: Call) -> Iterator[Cause]:
    match, version = call.query.get(_MATCH, ""), call.query.get("resourceVersion", "")
    if match:
        if not version:
            yield forbidden_field(_MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        if call.query.get("continue"):
            yield forbidden_field(_MATCH, "resourceVersionMatch is forbidden when continue is provided")
        if match not in _MATCHES:
            yield unsupported(_MATCH, match, [*_MATCHES, ""])
        if match == "Exact" and version == "0":
            yield forbidden_field(_MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if "sendInitialEvents" in call.query:
        yield forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list")


def _watch(call: Call) -> Iterator[Cause]:
    match, initial = call.query.get(_MATCH, ""), "sendInitialEvents" in call.query
    if initial and match != "NotOlderThan":
        yield forbidden_field(_MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
    if not match:
        return
    if not initial:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        yield forbidden_field(_MATCH, why)
    if match != "NotOlderThan":
        yield unsupported(_MATCH, match, ["NotOlderThan"])
    if call.query.get("continue"):
        yield forbidden_field(_MATCH, "resourceVersionMatch is forbidden when continue is provided")


def _manager(call: Call) -> Iterator[Cause]:
    manager = call.query.get("fieldManager", "")
    if len(manager) > 128:
        yield too_long("fieldManager", 128)
    for position, character in enumerate(manager):
        if not character.isprintable():
            name = f" {unicodedata.name(character)}" if unicodedata.name(character, "") else ""
            yield bad_value(
                "fieldManager", manager, f"invalid character U+{ord(character):04X}{name} (at position {position})"
            )


def _dry_run(call: Call) -> Iterator[Cause]:
    if call.query.get("dryRun", "All") != "All":
        yield unsupported("dryRun", [call.query["dryRun"]], ["All"])


def _validation(call: Call) -> Iterator[Cause]:
    wanted, known = call.query.get("fieldValidation", ""), ["", "Ignore", "Strict", "Warn"]
    if wanted not in known:
        yield unsupported("fieldValidation", wanted, known)


def _force(call: Call) -> Iterator[Cause]:
    applies = call.headers.get("content-type", "").startswith(_APPLY)
    if applies and not call.query.get("fieldManager"):
        yield required("fieldManager", "is required for apply patch")
    if not applies and "force" in call.query:
        yield forbidden_field("force", "may not be specified for non-apply patch")


_Check = Callable[[Call], Iterator[Cause]]
_WRITE: tuple[_Check, ...] = (_manager, _dry_run, _validation)
# Verb → the kind its options have in messages, and what is checked of them.
_OPTIONS: dict[str, tuple[str, tuple[_Check, ...]]] = {
    "list": ("ListOptions", (_list,)),
    "deletecollection": ("ListOptions", (_list,)),
    "watch": ("ListOptions", (_watch,)),
    "create": ("CreateOptions", _WRITE),
    "update": ("UpdateOptions", _WRITE),
    "patch": ("PatchOptions", (_force, *_WRITE)),
}
