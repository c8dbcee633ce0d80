"""The few kinds of rules that Block Kit's limits are made of, and how each objects to a value.

A rule yields its objections in Slack's words, each with a JSON pointer; it never stops at the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Rule(Protocol):
    """Anything that can object to a value."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """What is wrong with the value found at that pointer."""


def objection(text: str, at: str) -> str:
    """An objection with its place."""
    return f"{text} [json-pointer:{at}]"


@dataclass(frozen=True)
class Words:
    """A string of limited length."""

    most: int = 3000
    least: int = 0
    pattern: str = ""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Wrong type, too short, too long, wrong form."""
        if not isinstance(value, str):
            yield objection("must provide a string", at)
            return
        if len(value) < self.least:
            yield objection(f"must be more than {self.least - 1} characters", at)
        if len(value) > self.most:
            yield objection(f"must be less than {self.most + 1} characters", at)
        if self.pattern and not re.fullmatch(self.pattern, value):
            yield objection("does not match the required format", at)


@dataclass(frozen=True)
class Number:
    """A number in a range."""

    least: float = float("-inf")
    most: float = float("inf")
    whole: bool = False
    above: float = float("-inf")
    """The value must be greater than this."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not a number, or out of range."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            yield objection("must provide an integer" if self.whole else "must provide a number", at)
        elif value < self.least or value <= self.above:
            yield objection(f"must be greater than {max(self.least - 1, self.above):g}", at)
        elif value > self.most:
            yield objection(f"must be no more than {self.most:g}", at)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not a boolean."""
        if not isinstance(value, bool):
            yield objection("must provide a boolean", at)


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    of: tuple[str, ...]

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """None of them."""
        if value not in self.of:
            yield objection(f"must be one of: {', '.join(self.of)}", at)


@dataclass(frozen=True)
class Anything:
    """A value the sandbox has no rule for."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """None, ever."""
        return iter(())


@dataclass(frozen=True)
class Many:
    """A list of limited length."""

    of: Rule
    most: int = 1000
    least: int = 1

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not a list, too few, too many, and whatever is wrong with each item."""
        if not isinstance(value, list):
            yield objection("must provide an array", at)
            return
        if len(value) < self.least:
            yield objection(f"no less than {self.least} items allowed", at)
        if len(value) > self.most:
            yield objection(f"no more than {self.most} items allowed", at)
        for index, item in enumerate(value):
            yield from self.of.objections(item, f"{at}/{index}")


@dataclass(frozen=True)
class Map:
    """An object whose names are free."""

    of: Rule

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not an object, and whatever is wrong with each value."""
        if not isinstance(value, dict):
            yield objection("must provide an object", at)
            return
        for name, item in value.items():
            yield from self.of.objections(item, f"{at}/{name}")


@dataclass(frozen=True)
class Shape:
    """An object: its fields' rules, which must be there, and groups of which one must be."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    exactly: bool = False
    """Whether exactly one of `one_of` may be given, not just at least one."""
    open: bool = False
    """Whether fields without a rule may stand here."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not an object, fields missing or unknown, and whatever is wrong with each."""
        if not isinstance(value, dict):
            yield objection("must provide an object", at)
            return
        given = {name: item for name, item in value.items() if item is not None}
        for name in self.required:
            if name not in given:
                yield objection(f"missing required field: {name}", at)
        held = [name for name in self.one_of if name in given]
        if self.one_of and not held:
            yield objection(f"missing required field: one of {', '.join(self.one_of)}", at)
        if self.exactly and len(held) > 1:
            yield objection(f"only one of {', '.join(self.one_of)} allowed", at)
        for name, item in given.items():
            if name in self.fields:
                yield from self.fields[name].objections(item, f"{at}/{name}")
            elif not self.open:
                yield objection(f"invalid additional property: {name}", at)


@dataclass(frozen=True)
class Part:
    """An object whose `type` chooses its shape from a table; only some types may stand here."""

    table: Mapping[str, Shape]
    kinds: tuple[str, ...] = ()
    """Empty allows every type of the table."""

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Not an object, a type that may not stand here, and whatever is wrong inside."""
        if not isinstance(value, dict):
            yield objection("must provide an object", at)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield objection("missing required field: type", at)
        elif kind not in self.table or (self.kinds and kind not in self.kinds):
            yield objection(f"unsupported type: {kind}", f"{at}/type")
        else:
            rest = {name: item for name, item in value.items() if name != "type"}
            yield from self.table[kind].objections(rest, at)


@dataclass(frozen=True)
class Text:
    """A text object."""

    most: int = 3000
    plain: bool = False
    """Whether only plain_text may stand here."""
    least: int = 1

    def objections(self, value: Any, at: str) -> Iterator[str]:
        """Whatever is wrong with it as a text object of that length."""
        words = Words(self.most, self.least)
        shapes = {"plain_text": Shape({"text": words, "emoji": Flag()}, ("text",))}
        if not self.plain:
            shapes["mrkdwn"] = Shape({"text": words, "verbatim": Flag()}, ("text",))
        yield from Part(shapes).objections(value, at)


@dataclass(frozen=True)
class Block:
    """A row of the block table: its shape and the surfaces it may appear on."""

    shape: Shape
    surfaces: frozenset[str] = field(default_factory=lambda: frozenset({"message", "modal", "home"}))
