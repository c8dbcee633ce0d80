"""Limits are sums of claims; whoever is told of one hears the limit, what is used and what was asked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.catalogue import Prices, Size
from bot.rules.limit_change import LimitError, read_change, read_limit
from bot.rules.limits import (
    CLAIMED,
    SETTABLE,
    Asked,
    Limit,
    Scope,
    ScopeKind,
    claim,
    exceeded,
    month_of,
    sentence,
    total,
    until_month_ends,
    weekly,
    written,
)

SMALL = Size("s", cpu="500m", memory="4Gi", storage="10Gi", pods=20)
GIB = Decimal(2**30)
SCOPES = [Scope(ScopeKind.PERSON, "U1"), Scope(ScopeKind.TEAM, "payments"), Scope(ScopeKind.CLUSTER, "main")]


def test_a_claim_is_the_size_and_counts_awake_only_while_awake() -> None:
    asleep, awake = claim(SMALL, awake=False), claim(SMALL, awake=True)

    assert asleep == {
        Limit.ENVIRONMENTS: 1,
        Limit.CPU: Decimal("0.5"),
        Limit.MEMORY: 4 * GIB,
        Limit.STORAGE: 10 * GIB,
        Limit.GPU: 0,
    }
    assert set(awake) == set(CLAIMED)
    assert awake[Limit.AWAKE_CPU] == awake[Limit.CPU]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("used", "over"), [(4, None), (5, 1), (9, 5)])
def test_each_scope_is_full_at_its_limit_and_not_before(scope: Scope, used: int, over: int | None) -> None:
    limits = {Limit.ENVIRONMENTS: Decimal(5)}

    found = exceeded(scope, limits, {Limit.ENVIRONMENTS: Decimal(used)}, Asked(claim(SMALL, awake=True), {}))

    assert [one.over for one in found] == ([] if over is None else [over])


def test_what_makes_it_no_worse_passes_for_whoever_is_over_already() -> None:
    had, asked = claim(SMALL, awake=True), claim(SMALL, awake=False)
    limits = {limit: Decimal(0) for limit in CLAIMED}

    assert exceeded(SCOPES[0], limits, {limit: Decimal(9) for limit in CLAIMED}, Asked(asked, had)) == ()


@given(
    st.dictionaries(st.sampled_from(CLAIMED), st.decimals(0, 1000, places=2)),
    st.lists(st.dictionaries(st.sampled_from(CLAIMED), st.decimals(0, 100, places=2)), max_size=8),
    st.dictionaries(st.sampled_from(CLAIMED), st.decimals(0, 100, places=2)),
)
def test_what_passes_fits_and_what_does_not_is_over_by_what_is_told(
    limits: dict[Limit, Decimal], claims: list[dict[Limit, Decimal]], asked: dict[Limit, Decimal]
) -> None:
    used = total(claims)

    found = {one.limit: one for one in exceeded(SCOPES[1], limits, used, Asked(asked, {}))}

    for limit, allowed in limits.items():
        wanted = asked.get(limit, Decimal(0))
        left = allowed - used.get(limit, Decimal(0)) - wanted
        assert (limit in found) == (left < 0 and wanted > 0)
        if limit in found:
            assert found[limit].over == -left > 0
            assert found[limit].needed == allowed + found[limit].over


def test_a_sentence_names_limit_use_wish_and_excess() -> None:
    limits = {Limit.AWAKE_CPU: Decimal(40), Limit.MEMORY: 80 * GIB}
    used = {Limit.AWAKE_CPU: Decimal("39.7"), Limit.MEMORY: 79 * GIB}

    memory, cpu = exceeded(SCOPES[1], limits, used, Asked(claim(SMALL, awake=True), {}))

    assert sentence(cpu) == (
        "team payments may have at most 40 CPU awake: 39.7 are in use already, and 0.5 more make 40.2"
    )
    assert "80Gi memory: 79Gi are in use already, and 4Gi more make 83Gi" in sentence(memory)


def test_what_an_environment_has_itself_is_in_use_and_what_it_wants_beside_is_more() -> None:
    asked = Asked({Limit.AWAKE_CPU: Decimal(8)}, {Limit.AWAKE_CPU: Decimal(4)})

    (found,) = exceeded(SCOPES[0], {Limit.AWAKE_CPU: Decimal(6)}, {Limit.AWAKE_CPU: Decimal(1)}, asked)

    assert sentence(found, "U1") == "you may have at most 6 CPU awake: 5 are in use already, and 4 more make 9"
    assert (found.asked, found.needed, found.over) == (Decimal(8), Decimal(9), Decimal(3))


def test_where_nothing_is_in_use_nothing_is_more() -> None:
    asked = Asked({Limit.AWAKE_CPU: Decimal(8)}, {})

    (found,) = exceeded(SCOPES[0], {Limit.AWAKE_CPU: Decimal(6)}, {}, asked)

    assert sentence(found, "U1") == "you may have at most 6 CPU awake: nothing of it is in use yet, and this asks for 8"


def test_whoever_reads_of_themselves_is_you_and_others_are_mentioned() -> None:
    found = exceeded(
        SCOPES[0], {Limit.LONGEST_TTL: Decimal(86_400)}, {}, Asked({Limit.LONGEST_TTL: Decimal(172_800)}, {})
    )

    assert sentence(found[0], "U1") == "you may let an environment live 1d from now on at the most: 2d is 1d too long"
    assert "<@U1> may let" in sentence(found[0], "U2")


def test_money_is_told_with_its_currency() -> None:
    asked = Asked({Limit.BUDGET: Decimal(30)}, {}, "EUR")
    found = exceeded(SCOPES[2], {Limit.BUDGET: Decimal(500)}, {Limit.BUDGET: Decimal("480.5")}, asked)

    assert sentence(found[0]) == (
        "cluster main may spend 500 EUR a month: 480.50 EUR are spent or promised, and this may cost 30 EUR until it "
        "ends, 10.50 EUR too much"
    )


@pytest.mark.parametrize(
    ("now", "begin", "end"),
    [("2026-12-31T23:59", "2026-12-01", "2027-01-01"), ("2026-02-01", "2026-02-01", "2026-03-01")],
)
def test_a_month_is_the_calendars(now: str, begin: str, end: str) -> None:
    instants = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, begin, end)]

    assert month_of(instants[0]) == (instants[1], instants[2])


def test_what_ends_before_the_month_does_costs_no_longer() -> None:
    now = datetime(2026, 11, 10, tzinfo=UTC)

    assert until_month_ends(Decimal(2), now, now + timedelta(hours=5)) == 10
    assert until_month_ends(Decimal(2), now, None) == 2 * 24 * 21
    assert until_month_ends(Decimal(2), now, now - timedelta(hours=5)) == 0


def test_a_week_is_168_hours_of_all_that_is_requested() -> None:
    prices = Prices(Decimal(1), Decimal("0.5"), Decimal("0.1"))

    assert weekly(SMALL, prices) == 168 * (Decimal("0.5") + 2 + 1)


@pytest.mark.parametrize(
    ("limit", "text", "value"),
    [
        (Limit.CPU, "500m", Decimal("0.5")),
        (Limit.MEMORY, "80Gi", 80 * GIB),
        (Limit.ENVIRONMENTS, "0", Decimal(0)),
        (Limit.BUDGET, "99.5", Decimal("99.5")),
        (Limit.LONGEST_TTL, "1d12h", Decimal(129_600)),
    ],
)
def test_a_limit_is_read_as_it_is_written(limit: Limit, text: str, value: Decimal) -> None:
    assert read_limit(limit, text) == value


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        *((limit, "") for limit in SETTABLE),
        *((limit, "-1") for limit in SETTABLE),
        *((limit, "NaN") for limit in SETTABLE),
        (Limit.ENVIRONMENTS, "1.5"),
        (Limit.ENVIRONMENTS, "5Gi"),
        (Limit.CPU, "4Gi"),
        (Limit.MEMORY, "4GB"),
        (Limit.BUDGET, "10k"),
        (Limit.LONGEST_TTL, "7"),
    ],
)
def test_what_is_no_limit_is_refused_with_a_good_one(limit: Limit, text: str) -> None:
    with pytest.raises(LimitError, match=r"try|no value"):
        read_limit(limit, text)


def test_a_change_sets_lifts_and_resets() -> None:
    change = read_change(["cpu=40", "AWAKE-ENVIRONMENTS=3", "budget=none"], SETTABLE)

    assert change.settings == {Limit.CPU: 40, Limit.AWAKE_ENVIRONMENTS: 3, Limit.BUDGET: None}
    assert read_change(["reset"], SETTABLE).reset
    assert read_change([], SETTABLE) == read_change([], SETTABLE)


def test_a_misspelt_limit_is_told_with_the_nearest() -> None:
    with pytest.raises(LimitError, match="did you mean environments"):
        read_change(["enviroments=3"], SETTABLE)


@pytest.mark.parametrize(("value", "shown"), [(Decimal(1), "1 environment"), (Decimal(5), "5 environments")])
def test_one_environment_is_not_environments(value: Decimal, shown: str) -> None:
    assert written(Limit.AWAKE_ENVIRONMENTS, value) == shown
