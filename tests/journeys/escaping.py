"""How escapes are tried."""

import json
from collections.abc import Mapping, Sequence

from tests.journeys.escapes import Escape
from tests.journeys.reach import Reach


def unstopped(who: Reach, tried: Sequence[Escape], names: Mapping[str, str]) -> dict[str, int]:
    """What each try was answered, where that is not what it must be; `names` are what stands for words in braces."""

    def placed(text: str) -> str:
        for name, value in names.items():
            text = text.replace(name, value)
        return text

    answered = {}
    for escape in tried:
        body = json.loads(placed(json.dumps(escape.body))) if escape.body is not None else None
        status = who.asks(escape.method, placed(escape.path), body, escape.content_type)
        if status not in escape.answers:
            answered[escape.what] = status
    return answered
