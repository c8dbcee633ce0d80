"""How limits and their use look. Pure functions."""

from collections.abc import Sequence
from decimal import Decimal

from bot.rules.limits import AWAKE, DURATIONS, Limit, ScopeKind, number, share, words, written
from bot.seams.slack import Message
from bot.usecases.limit_settings import Allowance, Book
from handlers.blocks import Block, bullets, code, context, escape, header, message, person, section, shorten
from handlers.ids import COMMAND
from handlers.wording import when

_MOST = 20  # scopes in one message; the rest is counted
_CURRENCIES = 5  # in one line


def mine(standings: Sequence[Allowance], tz: str) -> Message:
    """What /k8s limits answers."""
    text = "Your limits, and what of them is used"
    small = f"A size counts as a whole, whatever is used of it. {code(f'{COMMAND} cost')} says what was spent on what."
    return message(f"{text}.", [header(text), *(_block(one, tz, mine=True) for one in standings), context(small)])


def book(found: Book, tz: str) -> Message:
    """What /k8s admin limits answers."""
    over = [one for one in found.standings if one.over]
    changed = bool(found.change.settings or found.change.reset)
    text = _over(len(over)) if found.whole else "This holds from now on." if changed else "This holds now."
    if not found.standings:
        return message(f"Nothing is limited. {code(f'{COMMAND} admin limits payments cpu=40')} begins.")
    shown = sorted(found.standings, key=lambda one: not one.over)[:_MOST]
    left = len(found.standings) - len(shown)
    more = [context(f"And {left} more: name one to see it.")] if left else []
    people = [context("People are named here if they are near a limit, or have limits of their own.")]
    told = [context("Whom it concerns is told.")] if changed else []
    return message(
        text,
        [
            header("Limits"),
            section(text),
            *(_block(one, tz) for one in shown),
            *more,
            *(people if found.whole else []),
            *told,
        ],
    )


def _over(count: int) -> str:
    if not count:
        return "Nobody is over a limit."
    return "One of these is over a limit." if count == 1 else f"{count} of these are over a limit."


def _block(one: Allowance, tz: str, *, mine: bool = False) -> Block:
    limits = one.in_force.limits
    lines = [_line(one, limit, limits[limit], tz) for limit in Limit if limit in limits and limit is not Limit.ROLLOUT]
    return section(f"*{_whose(one, mine=mine)}*\n{bullets(lines, 20) or 'nothing is limited'}")


def _whose(one: Allowance, *, mine: bool) -> str:
    if one.scope.kind is ScopeKind.PERSON:
        return "You" if mine else person(one.scope.name)
    return f"{one.scope.kind.capitalize()} {escape(one.scope.name)}"


def _line(one: Allowance, limit: Limit, allowed: Decimal, tz: str) -> str:
    if limit in DURATIONS:
        said = f"{words(limit)} {escape(written(limit, allowed))}"
    else:
        kind = " awake" if limit.startswith(AWAKE) else " this month" if limit is Limit.BUDGET else ""
        said = f"{in_use(one, limit, allowed)}{kind}{_apart(one, limit)}"
    by = f", set by {person(one.in_force.set_by[limit])}" if limit in one.in_force.set_by else ""
    return f"{'*over:* ' if limit in one.over else ''}{said}{_raised(one, limit, tz)}{by}"


def in_use(one: Allowance, limit: Limit, allowed: Decimal) -> str:
    """What is used of what is allowed, as mrkdwn; of a budget in each currency that was spent."""
    spent = one.spent if limit is Limit.BUDGET else {}
    used = list(spent.items())[:_CURRENCIES] or [(one.currency, one.used.get(limit, Decimal(0)))]
    return " and ".join(escape(shorten(share(limit, amount, allowed, currency), 80)) for currency, amount in used)


def _apart(one: Allowance, limit: Limit) -> str:
    return ", each currency by itself" if limit is Limit.BUDGET and len(one.spent) > 1 else ""


def _raised(one: Allowance, limit: Limit, tz: str) -> str:
    """Until when it is more than it is as a rule, and how much that is."""
    until, usual = one.in_force.raised.get(limit), one.in_force.usual.get(limit)
    if until is None or usual is None:
        return ""
    return f", raised until {when(until, tz)} from {escape(number(limit, usual, one.currency))}"
