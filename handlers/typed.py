"""What keyboards, phones and Slack do to typed text, undone before anybody reads it.

A phone turns quotes curly and two hyphens into a dash, Slack sends `&amp;` for & and `<@U1|ada>` for a mention (which
is read as `@U1`), and people paste commands with their backticks. Never fails: any text gives some list of words.
"""

import re
from typing import Final

from bot.rules.foreign import cleaned
from handlers.literal import TICK

LONGEST: Final = 1_000  # characters of a command that are read; no command needs more

_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′´", "'") | {"`": "", TICK: ""})
_INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_DASHES: Final = re.compile(r"[‐‑‒–—―−﹘－]")
_REFERENCE: Final = re.compile(r"<([@#!]?)([^<>|\s]+)(?:\|([^<>]*))?>")
_USER_GROUP: Final = re.compile(r"<!subteam\^([A-Z0-9]+)(?:\|@?([^<>]*))?>")
_WORD: Final = re.compile(r'(?:"[^"]*"|[^\s"])+|"')
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # & last, or `&amp;lt;` would become <


def words(text: str) -> list[str]:
    """The words of a typed command, mended; a quoted stretch is one word."""
    found = (_unquoted(word) for word in _WORD.findall(mended(text)))
    return [word for word in found if word]


def mended(text: str) -> str:
    """The text with plain quotes, hyphens and spaces and without Slack's own markup."""
    plain = _REFERENCE.sub(_name, text[:LONGEST])
    for entity, character in _ENTITIES:
        plain = plain.replace(entity, character)
    plain = _USER_GROUP.sub(lambda found: f"@{found[2] or found[1]}", plain)  # as it looks where it was pasted
    plain = cleaned(_INVISIBLE.sub("", plain.translate(_QUOTES)))
    return re.sub(r"\S+", _dashed, plain)


def behind(text: str, count: int) -> str:
    """What stands behind so many words of a command, as it was typed."""
    seen = 0
    for found in re.finditer(r"\S+", text):
        seen += bool(words(found[0]))
        if seen == count:
            return text[found.end() :].strip()
    return ""


def quoted(word: str) -> str:
    """The word as it must be typed to stay one word."""
    return f'"{word}"' if re.search(r"\s", word) or not word else word


def _name(reference: re.Match[str]) -> str:
    """The id of a person, whose name may be another's too; the label of a channel or link, else its id or address.

    A user group is its `@handle`.
    """
    kind, target, label = reference.groups()
    if target.startswith("subteam^"):
        return f"@{(label or '').removeprefix('@') or target.removeprefix('subteam^')}"
    if kind == "@":
        return f"@{target}"
    return label or ("" if kind == "!" else target)


def _dashed(word: re.Match[str]) -> str:
    """A long dash that opens a word stood for two hyphens, one elsewhere for one; before a digit it is a minus."""
    text = word[0]
    opening = _DASHES.match(text)
    if opening and not text[1:2].isdigit():
        text = f"--{text[1:]}"
    return _DASHES.sub("-", text)


def _unquoted(word: str) -> str:
    bare = word.replace('"', "")
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == "'" else bare
