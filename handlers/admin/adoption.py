"""What is answered to admins who ask how people take to Berth."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.rules.adoption import Spell, Weekly
from bot.usecases.adoption import Figures
from handlers.blocks import Block, View, bullets, code, context, escape, preformatted, section, shorten
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import COMMAND
from handlers.wording import lasting, when

_TITLE: Final = "Adoption"
_ATTEMPTS: Final = 40
_TOGETHER: Final = 8  # in one paragraph, which holds 3,000 characters
_MANY: Final = 10  # newcomers, below whom a tenth is nobody
_TEAMS: Final = 20


def adoption(call: Call, command: Command) -> Modal:
    """/k8s admin adoption"""
    return Modal(loading(_TITLE, "Counting"), lambda: shown(call.uses.adoption.figures(call.actor), call.tz))


def shown(figures: Figures, tz: str) -> View:
    """The figures."""
    blocks = [
        section(f"*People a week*, since {when(figures.since, tz)}"),
        preformatted(_table(figures.weeks)),
        context(
            "Created: made an environment. Active: used Berth in Slack. Returned: had been there in a week before."
        ),
        section(f"*From the first word to the first running environment*\n{_spell(figures.spell)}"),
        *_teams(figures.teams),
        *_attempts(figures.attempts),
    ]
    return View(_TITLE, blocks)


def _table(weeks: Sequence[Weekly]) -> str:
    rows = [("week of", "created", "active", "returned")]
    rows += [(f"{one.week:%Y-%m-%d}", str(one.created), str(one.active), str(one.returned)) for one in weeks]
    return "\n".join(
        f"{week:<10}  {created:>7}  {active:>6}  {returned:>8}" for week, created, active, returned in rows
    )


def _spell(spell: Spell) -> str:
    one = spell.newcomers == 1
    people = "1 newcomer" if one else f"{spell.newcomers:,} newcomers"
    if spell.median is None or spell.p90 is None:
        return f"{people}, who has none yet." if one else f"{people}, of whom none has one yet."
    if spell.running == 1:
        return f"{people}, {'who' if one else 'of whom 1'} has one: after {_brief(spell.median)}."
    most = "nine in ten" if spell.running >= _MANY else "all"
    times = f"half of them within {_brief(spell.median)}, {most} within {_brief(spell.p90)}"
    return f"{people}, of whom {spell.running:,} have one: {times}."


def _brief(lasted: timedelta) -> str:
    return lasting(lasted) if lasted >= timedelta(seconds=1) else "a second"


def _teams(teams: Mapping[str, Spell]) -> list[Block]:
    lines = [f"{escape(shorten(name, 60)) or 'no team'}: {_spell(spell)}" for name, spell in teams.items()]
    return [section(f"*By team*\n{bullets(lines, _TEAMS)}")] if lines else []


def _attempts(attempts: Sequence[tuple[str, str, int]]) -> list[Block]:
    title = "*What stopped people before they had made anything*"
    lines = [
        f"{_what(asked)}, {people:,} {'person' if people == 1 else 'people'}: {escape(shorten(reason, 200))}"
        for asked, reason, people in attempts
    ]
    shown, left = lines[:_ATTEMPTS], len(lines) - _ATTEMPTS
    parts = [bullets(shown[at : at + _TOGETHER], _TOGETHER) for at in range(0, len(shown), _TOGETHER)]
    audit = f"{left:,} more are events “refused” of {code(f'{COMMAND} admin audit 30d')}." if left > 0 else ""
    head = section(title if parts else f"{title}\nNothing.")
    return [head, *map(section, parts), *([context(audit)] if audit else [])]


def _what(asked: str) -> str:
    """A command as it is typed, or the id of a button or form."""
    return code(f"{COMMAND} {asked}".strip()) if "." not in asked else code(asked)
