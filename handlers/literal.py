"""Foreign text as mrkdwn that shows its very characters: the one way for such text into a message, by `blocks.escape`.

Slack escapes `&`, `<` and `>` and nothing else. So a mark of formatting stands between spaces of no width, where it
neither opens nor closes anything; a backtick, which Slack heeds even there, is a letter that looks the same; and the
names of emoji are broken. Inside a word a mark means nothing and stays as it is, so that `first_last` can be copied.
What is copied with such a space is read as if it were not there (`handlers.typed`).
"""

import re
from typing import Final

from bot.rules.foreign import APART, visible

TICK: Final = "\u02cb"
"""Looks like a backtick, and is none."""
_JOINER: Final = "\u2060"
_WITHIN: Final = "[A-Za-z0-9]"
_MARK: Final = re.compile(f"(?<!{_WITHIN})[*_~]+|[*_~]+(?!{_WITHIN})")
_EMOJI: Final = re.compile(r":(?=[A-Za-z0-9_+'-]*[A-Za-z+][A-Za-z0-9_+'-]*:)")
_LINE: Final = re.compile(r"(?=[>•])")  # at its beginning these make a quotation or a list


def literal(text: str) -> str:
    """One line of text as mrkdwn without any effect."""
    line = one_line(text).replace("`", TICK)
    apart = _MARK.sub(lambda mark: APART + APART.join(mark[0]) + APART, line)
    apart = _EMOJI.sub(f":{APART}", apart)
    return entities(_edged(APART + apart if _LINE.match(apart) else apart))


def _edged(text: str) -> str:
    """With something that is no space at either end, lest a mark of ours around it loses its effect."""
    before, after = (_JOINER if text.startswith(APART) else ""), (_JOINER if text.endswith(APART) else "")
    return f"{before}{text}{after}"


def one_line(text: str) -> str:
    """Text without line breaks and whatever else would not be shown."""
    return " ".join(visible(text).split())


def entities(text: str) -> str:
    """The three characters that Slack's own markup is made of, made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
