"""Admins see how people take to Berth; of what was refused, nothing that was typed is kept but the command."""

import pytest

from tests.journeys.people import modal, text_of
from tests.world import World

pytestmark = pytest.mark.slow


def figures(world: World) -> str:
    world.root.does("command", channel=world.root.channel()["id"], text="/k8s admin adoption")
    return text_of(modal(world.root, "People a week"))


def test_who_came_made_something_and_came_back_and_what_stopped_them(company: World) -> None:
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s status hunter2-of-mine")
    company.says(company.ada, "/k8s create blue size=hunter2")
    company.says(company.mio, "/k8s hunter2 please")
    company.says(company.mio, "/k8s admin team=payments hunterr=1")
    company.says(company.root, "/k8s admin protect")
    company.says(company.ada, "/k8s create blue")
    company.settle()
    company.clock.advance(days=7)
    company.says(company.ada, "/k8s list")
    company.says(company.ada, "/k8s sleep none-such")

    said = figures(company)

    assert "1       3         0" in said  # created, active and returned in the week before
    assert "0       2         2" in said  # ada again, and root, who asks
    assert "3 newcomers, of whom 1 has one: after" in said
    assert "payments: 1 newcomer, who has one: after" in said
    assert "search: 1 newcomer, who has none yet." in said
    assert "no team: 1 newcomer, who has none yet." in said
    assert "It takes team, cluster, owner, phase, name, unused." in said
    assert "frobnicate" not in said
    assert "`/k8s admin protect`" not in said
    assert "`/k8s status`, 1 person: There is no environment “…”" in said
    assert "`/k8s create`, 1 person" in said
    assert "`/k8s unknown`, 1 person: There is no command “…”" in said
    assert "none-such" not in said
    with company.berth.store.transaction() as connection:
        rows = connection.exec_driver_sql("SELECT reason, after FROM audit_event WHERE action = 'refused'").all()
    assert len(rows) == 6
    assert "hunter2" not in str(rows)


def test_others_do_not_see_them(company: World) -> None:
    company.lin.does("command", channel=company.lin.channel()["id"], text="/k8s admin adoption")

    assert "only admins may do that" in text_of(modal(company.lin, "only admins"))
