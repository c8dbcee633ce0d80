"""Reading YAML so that every value knows where it stands.

A Place is a value with its path and line; it hands out the places beneath it and collects what is wrong with them
instead of stopping at the first mistake. Knows nothing of what the values mean.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.config.problems import Problem, Refused, shown, suggestion

T = TypeVar("T")
Keys = tuple[str | int, ...]


@dataclass
class Report:
    """What has been found wrong in one file so far, and on which line each path of it stands."""

    source: str
    lines: Mapping[Keys, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, keys: Keys, message: str) -> None:
        """Remember a mistake at this path, on the line of as much of it as is there."""
        nearest = next((keys[:depth] for depth in range(len(keys), 0, -1) if keys[:depth] in self.lines), keys)
        self.problems.append(Problem(self.source, _dotted(keys), message, self.lines.get(nearest)))


@dataclass(frozen=True)
class Place:
    """One value of the file. Its parsers report what they refuse and give None or leave it out."""

    value: Any
    keys: Keys
    report: Report

    def refuse(self, message: str, *beneath: str | int) -> None:
        """Report that this value, or what is or should be beneath it, is not allowed."""
        self.report.add((*self.keys, *beneath), message)

    def parse(self, parser: "Parser[T]") -> T | None:
        """What the parser makes of this place; None after a refusal, which is reported."""
        try:
            return parser(self)
        except Refused as refused:
            self.refuse(str(refused))
            return None

    def children(self, known: Mapping[str, object]) -> dict[str, "Place"]:
        """The places under the known keys of a mapping that are there; unknown keys are reported."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            self.refuse(f"{shown(self.value)} should be a mapping with the keys {', '.join(known)}.")
            return {}
        for key in self.value:
            if key not in known:
                near = suggestion(str(key), known)
                self.report.add((*self.keys, str(key)), f"unknown key{near}; allowed are {', '.join(known)}.")
        return {key: self.at(key) for key in known if key in self.value}

    def accepted(self, table: Mapping[str, "Parser[Any]"], required: tuple[str, ...] = ()) -> dict[str, Any]:
        """The parsed value of each key that is there and allowed. What is missing or refused is reported, not given."""
        children = self.children(table)
        for key in required:
            if key not in children and (isinstance(self.value, dict) or self.value is None):
                self.refuse(f"{key} is missing.")
        parsed = {key: child.parse(table[key]) for key, child in children.items()}
        return {key: value for key, value in parsed.items() if value is not None}

    def fields(self, table: Mapping[str, "Parser[Any]"], required: tuple[str, ...] = ()) -> dict[str, Any] | None:
        """Like `accepted`, but None if a required one is missing or refused."""
        accepted = self.accepted(table, required)
        return accepted if all(key in accepted for key in required) else None

    def items(self) -> Iterator["Place"]:
        """The places of a list's items; an empty value is an empty list, anything else is reported."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.refuse(f"{shown(self.value)} should be a list: begin each entry on its own line with a dash.")
            return
        yield from (self.at(index) for index in range(len(self.value)))

    def at(self, key: str | int) -> "Place":
        """The place beneath this one."""
        return Place(self.value[key], (*self.keys, key), self.report)


Parser = Callable[[Place], T | None]


def scalar(parse: Callable[[Any], T]) -> Parser[T]:
    """A parser of a single value, which may not be empty."""

    def parser(place: Place) -> T:
        if place.value is None:
            raise Refused("is empty: write a value, or leave the key out for its default.")
        if isinstance(place.value, dict | list):
            raise Refused("should be a single value, not a list or a mapping.")
        return parse(place.value)

    return parser


def read(path: Path) -> Place:
    """The whole file as a place. What cannot be read is reported, and reads as empty."""
    report = Report(str(path))
    try:
        return _parsed(path.read_text(encoding="utf-8"), report)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        told = "is not text in UTF-8 from this line on: save it in that encoding."
        report.problems.append(Problem(report.source, "", told, line))
    except OSError as error:
        report.add((), f"cannot be read: {error.strerror or error}.")
    except yaml.YAMLError as error:
        report.problems.append(_syntax(report.source, error))
    except (ValueError, RecursionError) as error:
        report.add((), f"is not YAML that can be read: {shown(error)}.")
    return Place(None, (), report)


def _parsed(text: str, report: Report) -> Place:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Place(None, (), report)
        lines: dict[Keys, int] = {}
        repeated = list(_walk(node, (), lines))
        report.lines = lines
        for keys in repeated:
            report.add(keys, "stands twice; only one can hold.")
        return Place(loader.construct_document(node), (), report)
    finally:
        loader.dispose()


def _walk(node: yaml.Node, keys: Keys, lines: dict[Keys, int], above: tuple[int, ...] = ()) -> Iterator[Keys]:
    """Fill in the line of every path; yield the paths of keys that are repeated. An alias to itself ends here."""
    if id(node) in above:
        raise ValueError("an alias contains itself")
    lines.setdefault(keys, node.start_mark.line + 1)
    for key, line, child in _beneath(node):
        path = (*keys, key)
        if path in lines:
            yield path
        lines[path] = line
        yield from _walk(child, path, lines, (*above, id(node)))


def _beneath(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        yield from ((index, item.start_mark.line + 1, item) for index, item in enumerate(node.value))


def _syntax(source: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    return Problem(source, "", f"is not YAML: {what}.", mark.line + 1 if mark else None)


def _dotted(keys: Keys) -> str:
    """`teams[1].members[0].email`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
