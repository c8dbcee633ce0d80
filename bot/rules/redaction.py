"""Why something was refused, without what the person typed: for counting reasons, not for reading people's words."""

import re

_QUOTED = re.compile(r"“[^”]*”?")
_MENTION = re.compile(r"<@[A-Z0-9]+>")
_WORD = re.compile(r"[^\s“”'\"=,;:]{2,}")
_LONGEST = 300


def redacted(reason: str, typed: str) -> str:
    """The reason with everything quoted, whoever is mentioned, and every word of `typed`, left out."""
    text = _MENTION.sub("somebody", _QUOTED.sub("“…”", reason))
    for word in sorted(set(_WORD.findall(typed)), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text[:_LONGEST]
