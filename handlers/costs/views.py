"""How costs look: an answer in paragraphs, which every surface of Slack shows, and a team's digest with a table."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.rules.catalogue import Prices
from bot.seams.slack import Message
from bot.usecases.costs import CostLine, CostReport
from handlers.blocks import (
    Block,
    Button,
    actions,
    bullets,
    code,
    context,
    escape,
    header,
    message,
    person,
    section,
    shorten,
)
from handlers.ids import ActionId
from handlers.wording import brief, money, when

_ROWS: Final = 20
_PRICES: Final = ("cpu_core_hour", "memory_gib_hour", "storage_gib_hour", "gpu_hour")
_COLUMNS: Final = ("Environment", "Owner", "Awake", "Asleep", "Cost", "Saved")


def report(costs: CostReport, tz: str) -> Message:
    """A person's costs, the dearest environment first."""
    text = f"{_sums(costs.totals)} since {when(costs.since, tz)}; sleep saved {_sums(costs.saved_totals)}."
    listed = section(bullets([_line(line) for line in costs.lines], _ROWS) or "There was no environment in this time.")
    return message(text, [header("What it cost"), section(text), listed, *_by_prices(costs.prices)])


def digest(facts: Mapping[str, Any], tz: str) -> Message:
    """A team's week."""
    total, saved = _sums(facts.get("totals") or {}), _sums(facts.get("saved_totals") or {})
    text = f"*{escape(shorten(str(facts.get('team', '')), 80))}* spent {total} this week; sleep saved {saved}."
    rows: Sequence[Mapping[str, Any]] = facts.get("lines") or []
    blocks = [
        header("Your week on the cluster"),
        section(" ".join(filter(None, [text, _compared(facts)]))),
        context(f"From {when(facts.get('since', ''), tz)} to {when(facts.get('until', ''), tz)}"),
        *([_table(rows)] if rows else [section("No environment was used.")]),
        *_left_out(rows),
        *_expiring(facts, tz),
        *_by_prices(_given_prices(facts.get("prices") or {})),
        *actions([Button(ActionId.COST_SHOW, "Open my costs")]),
    ]
    return message(text, blocks)


def price_words(prices: Prices) -> str:
    """By which prices it was reckoned."""
    each = {"core": prices.cpu_core_hour, "GiB of memory": prices.memory_gib_hour, "GPU": prices.gpu_hour}
    running = ", ".join(f"{price:f} per {what} and hour" for what, price in each.items())
    return (
        f"Requested resources at {running}, and {prices.storage_gib_hour:f} per GiB of storage and hour, in"
        f" {escape(prices.currency)}. Storage is paid asleep too."
    )


def _sums(totals: Mapping[str, Any]) -> str:
    """One amount for each currency."""
    return (
        " and ".join(money(_decimal(total), str(currency)) for currency, total in list(totals.items())[:5]) or "nothing"
    )


def _decimal(amount: Any) -> Decimal | str | None:
    return amount if amount is None or isinstance(amount, Decimal) else str(amount)


def _by_prices(prices: Mapping[str, Prices]) -> list[Block]:
    """By which prices it was reckoned: each once, with the clusters' names where they differ."""
    clusters: dict[Prices, list[str]] = {}
    for cluster, one in prices.items():
        clusters.setdefault(one, []).append(escape(shorten(cluster, 60)))
    if not clusters:
        return [context("Requested resources, times the prices in berth.yaml, times the hours awake.")]
    if len(clusters) == 1:
        return [context(price_words(next(iter(clusters))))]
    told = [f"{', '.join(names[:5])}: {price_words(one)}" for one, names in clusters.items()]
    return [context(*told[:5])]


def _line(line: CostLine) -> str:
    hours = f"awake {brief(line.awake)}, asleep {brief(line.asleep)}"
    cost, saved = money(line.cost, line.currency), money(line.saved, line.currency)
    return f"{code(line.name)} {cost} · {hours} · saved {saved}"


def _compared(facts: Mapping[str, Any]) -> str:
    before = facts.get("previous_totals")
    return f"The week before it was {_sums(before)}." if before else ""


def _table(rows: Sequence[Mapping[str, Any]]) -> Block:
    several = len({row.get("currency") for row in rows}) > 1
    cells = [[_cell(one) for one in _COLUMNS], *(_row(row, named=several) for row in rows[:_ROWS])]
    settings = [{"align": "left"}] * 2 + [{"align": "right"}] * 4
    return {"type": "table", "rows": cells, "column_settings": settings}


def _row(row: Mapping[str, Any], *, named: bool) -> list[Block]:
    awake, asleep = (brief(_seconds(row.get(key))) for key in ("awake_s", "asleep_s"))
    currency = str(row.get("currency") or "") if named else ""
    return [
        _cell(row.get("name")),
        _owner(str(row.get("owner_id", ""))),
        _cell(awake),
        _cell(asleep),
        _cell(_amount(row.get("cost"), currency)),
        _cell(_amount(row.get("saved"), currency)),
    ]


def _cell(text: object) -> Block:
    return {"type": "raw_text", "text": shorten(" ".join(str(text or "–").split()), 60) or "–"}


def _owner(slack_id: str) -> Block:
    """A mention, by name and without a ping, since a table cell holds no mrkdwn."""
    if not person(slack_id).startswith("<@"):
        return _cell(slack_id)
    span = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": person(slack_id)[2:-1]}]}
    return {"type": "rich_text", "elements": [span]}


def _left_out(rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    rest = len(rows) - _ROWS
    return [context(f"and {rest} more, all in the total")] if rest > 0 else []


def _expiring(facts: Mapping[str, Any], tz: str) -> list[Block]:
    ending = facts.get("expiring") or []
    lines = [
        f"{code(str(one.get('name', '')))} of {person(str(one.get('owner_id', '')))}: {when(one['expires_at'], tz)}"
        for one in ending
        if one.get("expires_at")
    ]
    return [section(f"*Ending soon*\n{bullets(lines, 10)}")] if lines else []


def _given_prices(facts: Mapping[str, Any]) -> Mapping[str, Prices]:
    """The prices that facts hold, by cluster; those that cannot be read are left out."""
    found = {}
    for cluster, given in facts.items():
        try:
            named = {key: Decimal(str(given[key])) for key in _PRICES}
        except (KeyError, TypeError, InvalidOperation):
            continue
        found[str(cluster)] = Prices(**named, currency=str(given.get("currency") or ""))
    return found


def _seconds(value: object) -> timedelta:
    return timedelta(seconds=min(value, 10**9)) if isinstance(value, int | float) and value > 0 else timedelta()


def _amount(value: object, currency: str) -> str:
    return money(str(value), currency).strip() if value is not None else "–"
