"""Two who race for the last place cannot both have it, whichever limit it is; both databases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from bot.config import builtin
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue, LimitPolicy, Team
from bot.rules.identity import OidcPolicy
from bot.rules.limits import Limit, hourly
from bot.rules.words import Phase, Role, Wanted
from bot.seams.cluster import Clusters
from bot.usecases.addressees import of_leads
from bot.usecases.environments import CreateRequest, Environments
from bot.usecases.forecast import Forecast
from bot.usecases.limits import Asking, Limits
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from bot.usecases.sleep import Sleep
from bot.usecases.source import Source
from bot.usecases.wishes import OverLimit, WishKind, wish_of
from store.database import Store
from store.identities import held
from store.tables import Environment, OidcLink, UsageSpan

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
PAYMENTS = Team("payments", members={"lin@harbour.example": Role.LEAD})


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def lasting(self, waited: timedelta) -> timedelta:
        return waited


def company(**limits: dict[str, Any]) -> Catalogue:
    return Catalogue(
        builtin.CLUSTERS,
        builtin.SIZES,
        builtin.TEMPLATES,
        teams=[PAYMENTS],
        admins=frozenset({"root@harbour.example"}),
        limits=LimitPolicy(**limits),
    )


def actor(number: int = 1) -> Actor:
    address = f"person{number}@harbour.example"
    return Actor("T1", f"U{number:03}", address, address, "UTC", Role.MEMBER, PAYMENTS, {"payments": Role.MEMBER})


def environments(store: Store, catalogue: Catalogue) -> Environments:
    return Environments(store, Clusters(catalogue.clusters, None, 1), catalogue, StandingClock(), lambda: None)


def sleep(store: Store, catalogue: Catalogue) -> Sleep:
    return Sleep(store, catalogue, StandingClock(), lambda: None)


def race(tries: Sequence[Callable[[], object]]) -> list[Exception]:
    """All at the same moment; what was raised."""
    begin = Barrier(len(tries))

    def one(attempt: Callable[[], object]) -> Exception | None:
        begin.wait(30)
        try:
            attempt()
        except Refusal as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(len(tries)) as pool:
        return [refused for refused in pool.map(one, tries) if refused is not None]


def living(store: Store) -> Sequence[Environment]:
    with store.read() as records:
        return records.environments.living("T1")


@pytest.mark.parametrize(
    ("limits", "people"),
    [
        ({"person": {"environments": Decimal(5)}}, 1),
        ({"team": {"cpu": Decimal(10)}}, 50),
        ({"cluster": {"awake_memory": Decimal(20 * 2**30)}}, 50),
        # An s costs 0.0807 an hour: five that live for 7 days fit into 70, a sixth does not.
        ({"team": {"budget": Decimal(70)}}, 10),
    ],
)
def test_of_50_racing_creates_only_5_have_room(
    store: Store, limits: dict[str, dict[str, Decimal]], people: int
) -> None:
    uses = environments(store, company(**limits))

    refused = race(
        [
            lambda number=number: uses.create(actor(number % people), CreateRequest(f"blue-{number}"), Source())  # type: ignore[misc]
            for number in range(50)
        ]
    )

    assert len(living(store)) == 5
    assert len(refused) == 45
    assert all(isinstance(refusal, OverLimit) for refusal in refused)


def test_of_racing_wakes_only_as_many_as_may_be_awake_wake(store: Store) -> None:
    catalogue = company(person={"awake_environments": Decimal(2)})
    made = [environments(store, company()).create(actor(), CreateRequest(f"e{n}"), Source()) for n in range(8)]
    fall_asleep(store, made)

    refused = race([lambda one=one: sleep(store, catalogue).wake(actor(), one.id, Source()) for one in made])  # type: ignore[misc]

    assert len(refused) == 6
    assert sum(one.wanted is Wanted.RUNNING for one in living(store)) == 2


@pytest.mark.parametrize(
    "limits",
    [
        {"person": {"awake_environments": Decimal(3)}},
        {"team": {"awake_cpu": Decimal(7)}},
        {"cluster": {"awake_memory": Decimal(20 * 2**30)}},
        {"team": {"budget": Decimal(70)}},
    ],
)
def test_as_many_are_foreseen_to_wake_as_then_do(store: Store, limits: dict[str, dict[str, Decimal]]) -> None:
    catalogue, admin = company(**limits), replace(actor(9), role=Role.ADMIN)
    made = [environments(store, company()).create(actor(n % 2), CreateRequest(f"e{n}"), Source()) for n in range(8)]
    fall_asleep(store, made)
    with store.read() as records:
        forecast = Forecast(Limits(catalogue, StandingClock()), records)
        asleep = records.environments.living("T1")
        foreseen = [forecast.obstacle(Asking(actor(), wish_of(WishKind.WAKE, one), one)) for one in asleep]

    refused = race([lambda one=one: sleep(store, catalogue).wake(admin, one.id, Source()) for one in made])  # type: ignore[misc]

    assert 0 < foreseen.count("") < 8
    assert foreseen.count("") == 8 - len(refused)


def fall_asleep(store: Store, made: Sequence[Environment]) -> None:
    with store.begin() as records:
        for one in made:
            row = records.environments.lock(one.id)
            assert row is not None
            row.phase, row.wanted, row.slept_at = Phase.SLEEPING, Wanted.SLEEPING, NOW


def test_what_is_put_to_sleep_makes_room_at_once_and_what_is_deleted_once_it_is_gone(store: Store) -> None:
    catalogue = company(person={"environments": Decimal(2), "awake_environments": Decimal(1)})
    uses = environments(store, catalogue)
    first = uses.create(actor(), CreateRequest("first"), Source())
    fall_asleep(store, [first])
    second = uses.create(actor(), CreateRequest("second"), Source())
    with pytest.raises(OverLimit, match="at most 2 environments"):
        uses.create(actor(), CreateRequest("third"), Source())
    uses.delete(actor(), second.id, Source())
    with pytest.raises(OverLimit, match="at most 2 environments"):
        uses.create(actor(), CreateRequest("third"), Source())
    with store.begin() as records:
        gone = records.environments.lock(second.id)
        assert gone is not None
        gone.phase = Phase.DELETED

    uses.create(actor(), CreateRequest("third"), Source())

    with pytest.raises(OverLimit, match="at most 1 environment awake"):
        sleep(store, catalogue).wake(actor(), first.id, Source())


def test_one_named_has_what_is_said_of_them_limit_by_limit(store: Store) -> None:
    catalogue = company(
        person={"environments": Decimal(1), "longest_ttl": Decimal(86_400)},
        people={"person2@harbour.example": {"environments": Decimal(2)}},
    )
    uses = environments(store, catalogue)

    made = [uses.create(actor(2), CreateRequest(f"e{n}"), Source()) for n in range(2)]

    assert [one.expires_at for one in made] == [NOW + timedelta(days=1)] * 2
    with pytest.raises(OverLimit, match="You may let an environment live 1d from now on at the most"):
        uses.create(actor(3), CreateRequest("e3", ttl=timedelta(days=2)), Source())


def test_a_longer_wish_than_allowed_is_refused_at_wake_extend_and_keep_awake(store: Store) -> None:
    catalogue = company(person={"longest_keep_awake": Decimal(3600)})
    made = environments(store, catalogue).create(actor(), CreateRequest("blue"), Source())
    uses = sleep(store, catalogue)

    with pytest.raises(OverLimit, match="keep an environment awake 1h at the most: 2h is 1h too long"):
        uses.extend(actor(), made.id, timedelta(hours=2), Source())
    assert uses.extend(actor(), made.id, timedelta(hours=1), Source()).changed
    with pytest.raises(OverLimit):
        uses.keep_until_morning(actor(), made.id, Source())
    with pytest.raises(OverLimit, match="live 30d from now on at the most"):
        uses.extend_end(actor(), made.id, NOW + timedelta(days=31), Source())
    fall_asleep(store, [made])
    with pytest.raises(OverLimit):
        uses.wake(actor(), made.id, Source(), timedelta(hours=2))


def test_the_months_costs_so_far_and_what_is_asked_are_within_the_budget_or_refused(store: Store) -> None:
    catalogue = company(team={"budget": Decimal(50)})
    uses = environments(store, catalogue)
    first = uses.create(actor(), CreateRequest("first"), Source())
    month = NOW.replace(day=1, hour=0)
    with store.begin() as records:
        for began, ended in ((month - timedelta(days=20), month), (month, None)):  # last month's money is spent
            records.usage.add(
                UsageSpan(environment_id=first.id, awake=True, started_at=began, ended_at=ended, cpu=5, memory_gib=0)
            )

    with pytest.raises(OverLimit, match=r"Team payments may spend 50 USD a month: 36\.\d\d USD are spent"):
        uses.create(actor(2), CreateRequest("second", size="m"), Source())

    uses.create(actor(2), CreateRequest("third", size="s", ttl=timedelta(days=2)), Source())


def test_a_resize_counts_what_it_costs_until_the_month_ends(store: Store) -> None:
    catalogue = company(team={"budget": Decimal(50)})
    made = environments(store, catalogue).create(actor(), CreateRequest("first", ttl=timedelta(days=2)), Source())
    limits, least = Limits(catalogue, StandingClock()), {Limit.BUDGET: Decimal(50)}

    with store.read() as records:
        asked = [
            limits.asked(records, Asking(actor(), replace(wish_of(WishKind.RESIZE, made), size=size), made), least)
            for size in ("s", "l")
        ]

    costs = [one.amounts[Limit.BUDGET] for one in asked]
    sizes = [hourly(catalogue.size(name), catalogue.prices_of(made.cluster)) for name in ("s", "l")]
    assert costs == [0, (sizes[1] - sizes[0]) * 48]


def test_only_those_who_could_allow_more_are_offered(store: Store) -> None:
    catalogue = company(person={"environments": Decimal(0)})
    alone = replace(catalogue, admins=frozenset(), teams=[])

    found = []
    for each in (catalogue, alone):
        with suppress(OverLimit):
            environments(store, each).create(actor(), CreateRequest("blue"), Source())
        with pytest.raises(OverLimit) as refused:
            environments(store, each).create(actor(), CreateRequest("blue"), Source())
        found.append(refused.value.can_ask)

    assert found == [True, False]


def test_leads_by_a_user_group_or_the_login_are_asked_too_each_once_and_nobody_about_their_own(store: Store) -> None:
    login = OidcPolicy(issuer="https://login.harbour.example", client_id="berth", admin_groups=("platform",))
    team = replace(PAYMENTS, lead_user_group="@payment-leads", lead_oidc_groups=("payments-leads",))
    catalogue = replace(company(), teams=[team], identity=replace(company().identity, oidc=login))
    with store.begin() as records:
        records.user_groups.replace("T1", {"S1": ("payment-leads", frozenset({"ULIN", "UMIO", "UADA"}))}, NOW)
        records.identities.hold(held("T1", "lin@harbour.example", "ULIN", NOW))
        for person, group in (("UZOE", "payments-leads"), ("UMAX", "platform")):
            link = OidcLink(workspace_id="T1", person_id=person, issuer=login.issuer, subject=person, email="x", at=NOW)
            link.groups = [group]
            records.identities.keep_link(link)
    with store.read() as records:
        responsible = Responsible(catalogue, StandingClock(), records, "T1")
        leads, admins = responsible.leads("payments", ["UADA"]), responsible.admins(["ROOT@harbour.example"])
        asked = of_leads(responsible, "payments", ["UADA", "ULIN"])

    assert leads == ["ULIN", "UMIO", "UZOE"]
    assert admins == ["UMAX"]
    assert asked == [["UMIO"], ["UZOE"]]
