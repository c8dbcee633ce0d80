"""Admins look at everything: what there is, what it requests and costs, what fails; filters narrow it down."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.rules.words import NoticeState
from bot.sandbox.cluster.faults import Fault
from store.tables import Environment, Notice, UsageSpan
from tests.handlers.slack_rules import refuse_no_view
from tests.journeys.people import buttons, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.store.rows import environment as a_row
from tests.world import Harbour, World, world


@pytest.fixture
def fleet(company: World) -> World:
    """Ada has `blue`, mio has `red`, both running; the passes have looked once."""
    company.says(company.ada, "/k8s create blue template=web")
    company.says(company.mio, "/k8s create red")
    company.settle()
    company.tick()
    return company


def overview(company: World, line: str = "admin") -> Json:
    """What an admin is shown in the end."""
    company.root.does("command", channel=company.root.channel()["id"], text=f"/k8s {line}")
    return modal(company.root, "*Environments*")


def choose(company: World, view: Json, action: str, **chosen: str) -> None:
    block = next(b for b in view["blocks"] if any(e.get("action_id") == action for e in b.get("elements", [])))
    company.root.does("click", view_id=view["id"], block_id=block["block_id"], action_id=action, **chosen)


def test_an_admin_sees_counts_capacity_cost_and_each_environment(fleet: World) -> None:
    said = text_of(overview(fleet))

    assert "*2 environments* of 2 people" in said
    assert "2 running" in said
    assert "1 payments" in said
    assert "of 192 CPU (" in said  # three nodes of 64 cores
    assert "of 768 GiB memory (" in said
    assert "USD a day" in said
    assert "*What fails* Nothing." in " ".join(said.split())
    assert "`blue`" in said
    assert f"<@{fleet.mio.id}>" in said


def has_home(who: Person) -> bool:
    return who.home() is not None


def test_what_fails_and_who_is_over_what_is_named(fleet: World) -> None:
    fleet.says(fleet.root, "/k8s admin limits payments environments=0")
    now = fleet.clock.now()
    with fleet.berth.store.begin() as records:
        red = records.environments.lock(fleet.environment("red").id)
        assert red is not None
        red.condition = "the quota is <used> up"
        reading = records.readings.of("main")
        reading.trouble, reading.traffic_trouble = "cluster main does not answer", "503 Service Unavailable"
        lost = Notice(key="lost", workspace_id=red.workspace_id, kind="idle_warning", created_at=now)
        lost.facts, lost.recipients = {"name": "red"}, [fleet.mio.id, "#search"]
        lost.state, lost.error = NoticeState.UNDELIVERABLE, "channel_not_found"
        records.notices.say(lost)

    said = text_of(overview(fleet))

    assert "the quota is &lt;used&gt; up" in said
    assert "1 message could reach nobody:" in said
    assert f"the warning of a sleep about `red` to <@{fleet.mio.id}>, #search: Slack knows no such channel" in said
    assert "cluster main does not answer" in said
    assert "503 Service Unavailable" in said
    assert "team payments: 1 of 0 environments in all" in said


def test_without_the_right_to_list_nodes_everything_else_is_shown(fleet: World) -> None:
    assert fleet.harbour.sandbox is not None
    fleet.harbour.sandbox.faults.add(Fault(resource="nodes", status=403))
    fleet.tick()

    said = text_of(overview(fleet))

    assert "Berth may not list its nodes" in said
    assert "CPU" in said


def test_a_cluster_that_does_not_answer_is_told_and_keeps_what_was_read(fleet: World) -> None:
    assert fleet.harbour.sandbox is not None
    fleet.harbour.sandbox.faults.add(Fault(resource="nodes", status=503, times=None))
    fleet.berth.passes.readings.read_all()

    said = text_of(overview(fleet))

    assert "main:" in said
    assert "of 192" in said


def test_the_menus_narrow_the_list_together_and_can_be_cleared(fleet: World) -> None:
    view = overview(fleet)
    choose(fleet, view, "admin.filter.team", value="search")
    of_search = until(lambda: [v for v in fleet.root.modals() if "1 to 1 of 1" in text_of(v)], "one team's")[0]
    choose(fleet, of_search, "admin.filter.phase", value="sleeping")
    until(lambda: [v for v in fleet.root.modals() if "*Environments*: none" in text_of(v)], "none of them")
    fleet.root.does("click", view_id=view["id"], **buttons(fleet.root.modals()[0])["Clear"])
    again = until(lambda: [v for v in fleet.root.modals() if "1 to 2 of 2" in text_of(v)], "all of them")[0]
    stack = fleet.root.modals()
    choose(fleet, again, "admin.filter.owner", selected_user=fleet.ada.id)
    of_ada = until(lambda: [v for v in fleet.root.modals() if "1 to 1 of 1" in text_of(v)], "ada's")[0]
    fleet.root.does("click", view_id=view["id"], **buttons(of_ada)["Open"])
    opened = modal(fleet.root, "Namespace")

    assert "`red`" in text_of(of_search)
    assert "`blue`" not in text_of(of_search)
    assert len(stack) == 1
    assert "`blue`" in text_of(of_ada)
    assert "`blue`" in text_of(opened)


def test_filters_can_be_typed(fleet: World) -> None:
    typed_ = {"name=bl* unused=1d": "none, called `bl*`, unused for 1d", "owner=mio phase=awake": "1 to 1 of 1"}
    for typed, range_ in {**typed_, "phase=asleep": "none"}.items():
        assert f"*Environments*: {range_}" in text_of(overview(fleet, f"admin {typed}"))
        fleet.root.does("reload")


def test_others_are_told_who_may(fleet: World) -> None:
    fleet.lin.does("command", channel=fleet.lin.channel()["id"], text="/k8s admin")

    assert "Ask an admin: " in text_of(modal(fleet.lin, "only admins may do that"))


def test_admins_have_the_way_there_on_their_home_and_others_not(fleet: World) -> None:
    for who in (fleet.root, fleet.ada):
        who.does("open_home", tab="home")
        until(partial(has_home, who), "the Home")

    assert "*2 environments* of 2 people" in text_of(fleet.root.home() or {})
    assert "Overview" in buttons(fleet.root.home() or {})
    assert "Overview" not in buttons(fleet.ada.home() or {})


@pytest.mark.slow
def test_five_thousand_environments_are_paged_and_clusters_of_two_currencies_are_never_added(
    port: Harbour, tmp_path: Path
) -> None:
    clusters: list[dict[str, Any]] = [{"name": "main"}, {"name": "west", "prices": {"currency": "EUR"}}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        workspace = company.berth.uses.people.identify("", company.root.id).workspace_id
        now = company.clock.now()
        rows = [
            a_row(name=f"env-{n:04}", workspace_id=workspace, cluster="west" if n % 2 else "main") for n in range(5_000)
        ]
        with company.berth.store.transaction(writes=True) as connection:
            connection.execute(insert(Environment), [row.model_dump() for row in rows])
        with company.berth.store.begin() as records:
            for row in rows[:2]:
                records.usage.add(UsageSpan(environment_id=row.id, awake=True, started_at=now, cpu=1000.0))

        first = overview(company)
        company.root.does("click", view_id=first["id"], **buttons(first)["Last"])
        last = until(lambda: [v for v in company.root.modals() if "4,991 to 5,000" in text_of(v)], "the last page")[0]

    assert "*5,000 environments*" in text_of(first)
    assert "758.66 EUR and 758.66 USD" in text_of(first)
    assert "`env-4999`" in text_of(last)
    assert "Next" not in buttons(last)
    refuse_no_view({key: last[key] for key in ("type", "title", "blocks", "close", "callback_id")})
