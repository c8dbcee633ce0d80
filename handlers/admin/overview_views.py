"""How all environments look to an admin. Pure functions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.limits import Limit, Scope, ScopeKind, words
from bot.rules.selection import PHASES, Selection
from bot.rules.words import capital
from bot.usecases.limit_settings import Allowance
from bot.usecases.overview import PER_PAGE, ClusterPart, Stretch, Summary, Trouble
from handlers.admin.bulk_views import buttons
from handlers.admin.unheard import unheard
from handlers.blocks import (
    Block,
    Button,
    View,
    actions,
    bullets,
    code,
    context,
    divider,
    escape,
    fields,
    menu,
    option,
    people_menu,
    person,
    row,
    section,
    sentence,
    shorten,
)
from handlers.environments.views import phase_of
from handlers.ids import ActionId, BlockId, anew
from handlers.limits.standing import in_use
from handlers.wording import money, phase_words, when
from store.tables import Environment

TITLE: Final = "All environments"
ANY: Final = "*"
_COUNTED: Final = 8  # teams and clusters that are counted by name
_UNUSED: Final = {"1d": "for a day", "3d": "for 3 days", "7d": "for a week", "14d": "for 2 weeks", "30d": "for 30 days"}


def everything(summary: Summary, stretch: Stretch, catalogue: Catalogue, tz: str) -> View:
    """The figures, what fails, and a page of the list."""
    blocks = [
        section(headline(summary)),
        *([context(sentence(capital(summary.paused)))] if summary.paused else []),
        fields(*_counts(summary)),
        section(f"*What is requested, of what there is*\n{bullets([_part(part) for part in summary.clusters], 20)}"),
        *_trouble(summary.trouble),
        *_over(summary.over),
        divider(),
        *_list(stretch, catalogue, tz),
    ]
    return View(TITLE, blocks)


def headline(summary: Summary) -> str:
    """All of it in a sentence, as the App Home shows it too."""
    count, owners = summary.counts.total, summary.owners
    environments = "1 environment" if count == 1 else f"{count:,} environments"
    people = "1 person" if owners == 1 else f"{owners:,} people"
    return f"*{environments}* of {people}. As they are now, a day costs {totals(summary.daily)}."


def totals(amounts: Mapping[str, Decimal]) -> str:
    """One amount for each currency: they are never added."""
    return " and ".join(money(amount, currency) for currency, amount in list(amounts.items())[:5]) or "nothing"


def _counts(summary: Summary) -> list[str]:
    phases = [f"{count:,} {phase_words(phase)}" for phase, count in summary.counts.phases.most_common()]
    found = [f"*By phase*\n{bullets(phases) or 'none'}"]
    for title, counts in (("By team", summary.counts.teams), ("By cluster", summary.counts.clusters)):
        lines = [f"{count:,} {escape(shorten(name, 40)) or 'of no team'}" for name, count in counts.most_common()]
        found.append(f"*{title}*\n{bullets(lines, _COUNTED) or 'none'}")
    return found


def _part(part: ClusterPart) -> str:
    asked = part.requested
    cpu = _share(asked.cpu, part.cpu, "CPU")
    memory = _share(asked.memory_gib, part.memory_gib, "GiB memory")
    storage = f"{asked.storage_gib:,.0f} GiB storage{f', {asked.gpu:,.0f} GPU' if asked.gpu else ''}"
    known = "" if part.cpu is not None else _unknown(part)
    return f"{code(part.name)}: {cpu}, {memory}, {storage}; {money(part.daily, part.currency)} a day{known}"


def _share(asked: float, has: float | None, unit: str) -> str:
    if has is None:
        return f"{asked:,.1f} {unit}"
    percent = f" ({asked / has:.0%})" if has > 0 else ""
    return f"{asked:,.1f} of {has:,.0f} {unit}{percent}"


def _unknown(part: ClusterPart) -> str:
    return ". What it has is not known: Berth may not list its nodes" if part.read_at else ". It was not read yet"


def _trouble(trouble: Trouble) -> list[Block]:
    lines = [
        *([f"{trouble.failing:,} in need of attention:"] if trouble.failing else []),
        *(f"{code(one.name)} of {person(one.owner_id)}: {_condition(one)}" for one in trouble.environments),
        *_unheard(trouble.unheard),
        *(unheard(one) for one in trouble.notices),
        *(escape(one) for one in trouble.sources),
    ]
    return [section(f"*What fails*\n{bullets(lines, 20)}")] if lines else [section("*What fails*\nNothing.")]


def _unheard(count: int) -> list[str]:
    if not count:
        return []
    return ["1 message could reach nobody:" if count == 1 else f"{count:,} messages could reach nobody; the newest:"]


def _over(found: Sequence[Allowance]) -> list[Block]:
    lines = [f"{_scope(one.scope)}: {', '.join(_excess(one, limit) for limit in one.over)}" for one in found]
    return [section(f"*Over their limits*\n{bullets(lines, _COUNTED)}")] if lines else []


def _scope(scope: Scope) -> str:
    return person(scope.name) if scope.kind is ScopeKind.PERSON else escape(shorten(scope.shown, 60))


def _excess(one: Allowance, limit: Limit) -> str:
    return f"{in_use(one, limit, one.in_force.limits.get(limit, Decimal(0)))} {escape(words(limit))}"


def _condition(one: Environment) -> str:
    return escape(shorten(one.condition or "could not be made", 150))


def _list(stretch: Stretch, catalogue: Catalogue, tz: str) -> list[Block]:
    shown = stretch.environments
    last = stretch.first + len(shown)
    range_ = f"{stretch.first + 1:,} to {last:,} of {stretch.total:,}" if shown else "none"
    return [
        section(f"*Environments*: {range_}{_named(stretch.selection)}"),
        _filters(stretch.selection, catalogue),
        *(_row(one, tz) for one in shown),
        *actions(_pages(stretch)),
        *actions(buttons(stretch.selection, stretch.total)),
    ]


def _named(selection: Selection) -> str:
    """What of a selection no menu shows: a pattern of names, and any length of time."""
    called = f", called {code(selection.name)}" if selection.name else ""
    return f"{called}, unused for {escape(selection.unused)}" if selection.unused else called


def _filters(selection: Selection, catalogue: Catalogue) -> Block:
    teams = [option(ANY, "Every team"), *(option(team.name) for team in catalogue.teams)]
    clusters = [option(ANY, "Every cluster"), *(option(cluster.name) for cluster in catalogue.clusters)]
    phases = [option(ANY, "Every phase"), *(option(word, phase_words(_phase(word)).capitalize()) for word in PHASES)]
    unused = [option(ANY, "Used or not"), *(option(word, f"Unused {label}") for word, label in _UNUSED.items())]
    menus = [
        menu(ActionId.ADMIN_FILTER_TEAM, "Team", teams, selection.team or ANY),
        menu(ActionId.ADMIN_FILTER_CLUSTER, "Cluster", clusters, selection.cluster or ANY),
        menu(ActionId.ADMIN_FILTER_PHASE, "Phase", phases, selection.phase or ANY),
        menu(ActionId.ADMIN_FILTER_UNUSED, "Unused", unused, selection.unused or ANY),
        people_menu(ActionId.ADMIN_FILTER_OWNER, "Owner", selection.owner or ""),
    ]
    clear = Button(ActionId.ADMIN_PAGE, "Clear", "0", spoken="Clear all filters")
    return row(anew(BlockId.FILTERS, selection.written()), [*menus, clear.block()])


def _phase(word: str) -> str:
    return word.upper().replace("-", "_")


def _row(one: Environment, tz: str) -> Block:
    where = f"{escape(shorten(one.team or 'no team', 40))}, {escape(shorten(one.cluster, 40))}"
    words = f"*{code(one.name)}* is {phase_words(phase_of(one))} · {person(one.owner_id)} · {where}"
    used = f"Last used {when(one.last_activity_at, tz)}"
    return section(f"{words}\n{used}", Button(ActionId.ADMIN_SHOW, "Open", one.id, spoken=f"Open {one.name}").block())


def _pages(stretch: Stretch) -> Sequence[Button]:
    """To the pages around this one, and to the first and last of many."""
    last = max(0, (stretch.total - 1) // PER_PAGE * PER_PAGE)
    targets = {
        "First": 0 if stretch.first > PER_PAGE else None,
        "Previous": stretch.first - PER_PAGE if stretch.first else None,
        "Next": stretch.first + PER_PAGE if stretch.first + PER_PAGE < stretch.total else None,
        "Last": last if stretch.first + PER_PAGE < last else None,
    }
    return [
        Button(ActionId.ADMIN_PAGE, label, f"{max(0, first)} {stretch.selection.written()}", spoken=f"{label} page")
        for label, first in targets.items()
        if first is not None
    ]
