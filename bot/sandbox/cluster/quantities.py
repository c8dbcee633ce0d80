"""Kubernetes quantities ("100m", "1Gi") as exact decimals, and back in the canonical form the server stores."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

from bot.sandbox.cluster.shapes import Obj

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FORM = re.compile(r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d+))?")
PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"

# Fields whose values are quantities, wherever they stand.
QUANTITY_MAPS = frozenset(
    {"limits", "requests", "hard", "used", "capacity", "allocatable", "default", "defaultRequest", "max", "min"}
)


def parse(text: Any) -> Decimal:
    """The number a quantity stands for; raises ValueError for what is none."""
    found = _FORM.fullmatch(str(text))
    if found is None:
        raise ValueError(f"quantities must match the regular expression '{PATTERN}'")
    number, suffix, exponent = found.groups()
    if suffix in _BINARY:
        return Decimal(number) * _BINARY[suffix]
    return Decimal(number).scaleb(int(exponent) if exponent else _DECIMAL[suffix or ""])


def is_binary(text: Any) -> bool:
    return str(text).endswith("i")


def spell(value: Decimal, *, binary: bool) -> str:
    """The canonical form: the largest suffix that needs no fraction, decimal or binary as asked."""
    value = value.quantize(Decimal("1e-9"), rounding=ROUND_CEILING)
    if value == 0:
        return "0"
    if binary and value == value.to_integral_value() and abs(value) >= 1024:
        suffix = max((s for s, n in _BINARY.items() if value % n == 0), key=_BINARY.__getitem__, default="")
        return f"{int(value / _BINARY[suffix]) if suffix else int(value)}{suffix}"
    suffix = max((s for s, e in _DECIMAL.items() if value % Decimal(1).scaleb(e) == 0), key=_DECIMAL.__getitem__)
    return f"{int(value.scaleb(-_DECIMAL[suffix]))}{suffix}"


def canonical(text: Any) -> str:
    return spell(parse(text), binary=is_binary(text))


def canonicalize(value: Any) -> None:
    """Rewrites every quantity below the value into its canonical form; what is none is left for validation."""
    if isinstance(value, list):
        for part in value:
            canonicalize(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in QUANTITY_MAPS and isinstance(part, dict):
                _canonicalize_map(part)
            elif isinstance(part, dict | list):
                canonicalize(part)


def _canonicalize_map(amounts: Obj) -> None:
    for name, amount in amounts.items():
        if isinstance(amount, str | int | float) and not isinstance(amount, bool):
            try:
                amounts[name] = canonical(amount)
            except ValueError:
                continue
