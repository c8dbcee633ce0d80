"""The labelSelector parameter: its grammar, and the server's words for what is not of it.

A selector is read word by word, as the server reads it, because its complaints name the word at which it stopped.
"""

from __future__ import annotations

import re

from bot.sandbox.cluster import names
from bot.sandbox.cluster.errors import bad_request, go_value

# A label's key, how it is compared, and with what.
Term = tuple[str, str, list[str]]

_WORDS = re.compile(r"\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)")
_SYMBOLS = frozenset({"==", "!=", "=", "!", "<", ">", "(", ")", ","})
# Comparison as written → as matched; Kubernetes keeps > and < for itself and tells them as gt and lt.
_OPERATORS = {"in": "in", "notin": "notin", "=": "in", "==": "in", "!=": "notin", ">": ">", "<": "<"}
_EXPECTED = "in, notin, =, ==, !=, gt, lt"


def parse(text: str) -> list[Term]:
    """The terms of a selector; raises a 400 Refusal."""
    reader = _Reader(_WORDS.findall(text))
    terms: list[Term] = []
    if reader.next in _SYMBOLS - {"!"}:
        raise bad_request(f"found '{reader.next}', expected: !, identifier, or 'end of string'")
    while reader.next:
        terms.append(reader.term())
        end = reader.take()
        if end not in ("", ","):
            raise bad_request(f"found '{end}', expected: ',' or 'end of string'")
        if end and (not reader.next or reader.next in _SYMBOLS - {"!"}):
            raise bad_request(f"found '{reader.next}', expected: identifier after ','")
    return terms


class _Reader:
    """The words of a selector and where reading stands; the word after the last is empty."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0

    @property
    def next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self) -> str:
        word = self.next
        self._at += 1
        return word

    def _stop(self, why: str) -> Exception:
        return bad_request(f"unable to parse requirement: {why}")

    def term(self) -> Term:
        negated = self.next == "!"
        if negated:
            self.take()
        key = self.take()
        if not key or key in _SYMBOLS:
            raise self._stop(f"found '{key}', expected: identifier")
        if faults := names.label_key(key):
            raise self._stop(f"<nil>: Invalid value: {go_value(key)}: {'; '.join(faults)}")
        if negated or self.next in ("", ","):
            return key, "doesnotexist" if negated else "exists", []
        written = self.take()
        if written not in _OPERATORS:
            raise self._stop(f"found '{written}', expected: {_EXPECTED}")
        values = sorted(set(self._several() if written in ("in", "notin") else [self._one()]))
        self._check(key, written, values)
        return key, _OPERATORS[written], values

    def _one(self) -> str:
        if self.next in ("", ","):
            return ""
        word = self.take()
        if word in _SYMBOLS:
            raise self._stop(f"found '{word}', expected: identifier")
        return word

    def _several(self) -> list[str]:
        """The values between parentheses, any of which may be empty."""
        opened = self.take()
        if opened != "(":
            raise self._stop(f"found '{opened}' expected: '('")
        if self.next in _SYMBOLS - {",", ")"} or not self.next:
            raise self._stop(f"found '{self.next}', expected: ',', ')' or identifier")
        values = [""]
        while (word := self.take()) != ")":
            if word == ",":
                values.append("")
            elif not word or word in _SYMBOLS or values[-1]:
                raise self._stop(f"found '{word}', expected: ',' or ')'")
            else:
                values[-1] = word
        return values

    def _check(self, key: str, written: str, values: list[str]) -> None:
        faults: list[str] = []
        for index, value in enumerate(values):
            if written in "<>" and not re.fullmatch(r"[+-]?\d+", value):
                why = "for 'Gt', 'Lt' operators, the value must be an integer"
                faults.append(f"values[{index}]: Invalid value: {go_value(value)}: {why}")
            if wrong := names.label_value(value):
                faults.append(f"values[{index}][{key}]: Invalid value: {go_value(value)}: {'; '.join(wrong)}")
        if faults:
            raise self._stop(faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")
