"""A kubeconfig as text that fits into Slack: no line is longer than one block of a modal takes. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

LONGEST_LINE: Final = 2_000  # characters; a certificate authority has more
BLOCK: Final = 2_900  # characters of one part


def as_yaml(config: Mapping[str, Any]) -> str:
    """The kubeconfig as YAML."""
    lines = yaml.safe_dump(dict(config), sort_keys=False, width=100_000).splitlines()
    return "".join(f"{line}\n" for whole in lines for line in _folded(whole))


def _folded(line: str) -> Iterator[str]:
    """A line `key: value`, a long value as a quoted one with escaped line breaks."""
    if len(line) <= LONGEST_LINE:
        yield line
        return
    key, _, value = line.partition(": ")
    first, *others = (value[at : at + LONGEST_LINE] for at in range(0, len(value), LONGEST_LINE))
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield "\\\n".join([f'{key}: "{first}', *(f"{indent}{piece}" for piece in others)]) + '"'


def parts(text: str) -> list[str]:
    """The text in parts of whole lines that each fit into one block; joined, they are the text again."""
    found = [""]
    for line in text.splitlines(keepends=True):
        if found[-1] and len(found[-1]) + len(line) > BLOCK:
            found.append("")
        found[-1] += line
    return found
