"""Limits seen and set in Slack, and a rollout team by team."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.journeys.people import click, last, modal, send, text_of
from tests.journeys.test_approvals import ask, asked_of, channel, named
from tests.sandbox.slack.person import until
from tests.world import Harbour, World, world

pytestmark = pytest.mark.slow


def says(world: World, line: str) -> str:
    return text_of(world.says(world.root, f"/k8s {line}"))


@pytest.fixture
def blue(company: World) -> World:
    """Nothing is limited yet; ada has `blue`."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    return company


def test_what_an_admin_sets_holds_is_shown_told_and_audited_and_can_be_taken_back(blue: World) -> None:
    nothing = says(blue, "admin limits")
    said = says(blue, "admin limits payments environments=1 awake_cpu=40")
    blue.settle()
    refused = text_of(blue.says(blue.ada, "/k8s create red"))
    seen = text_of(blue.says(blue.ada, "/k8s limits"))
    over = says(blue, "admin limits payments environments=0")
    whole = says(blue, "admin limits")
    back = says(blue, "admin limits payments reset")
    blue.settle()
    made = text_of(blue.says(blue.ada, "/k8s create red"))

    assert "Nothing is limited" in nothing
    assert f"1 of 1 environment, set by <@{blue.root.id}>" in said
    assert "2 of 40 CPU awake" in said
    assert "Team payments may have at most 1 environment" in refused
    assert "1 of 1 environment" in seen
    assert "longest ttl 30d" in seen
    assert "*over:* 1 of 0 environments" in over
    assert "One of these is over a limit" in whole
    assert "nothing is limited" in back
    assert "Making `red`" in made
    news = [text_of(row) for row in blue.lin.sees(channel(blue.lin)) if "team payments" in text_of(row)]
    assert f"<@{blue.root.id}> lets team payments have at most 1 environment and 40 CPU awake." in news[0]
    assert "took back all limits" in news[-1]
    with blue.berth.store.transaction() as connection:
        events = connection.exec_driver_sql(
            "SELECT after FROM audit_event WHERE action = 'set limits' ORDER BY at"
        ).all()
    assert ['"environments": "1"' in after for (after,) in events] == [True, False, False]


def test_what_an_admin_says_of_a_limit_ends_what_is_raised_of_it(blue: World) -> None:
    says(blue, "admin limits ada environments=1")
    ask(blue, blue.ada, "/k8s create red", "for the fair")
    click(blue.lin, asked_of(blue.lin, channel(blue.lin)), "Approve until…", channel(blue.lin))
    send(blue.lin, modal(blue.lin, "Until which day?"), until=f"{blue.clock.now() + timedelta(days=3):%Y-%m-%d}")
    until(lambda: named(blue) == ["blue", "red"], "the environment")

    raised = says(blue, "admin limits ada")
    other = says(blue, "admin limits ada cpu=40")
    lowered = says(blue, "admin limits ada environments=1")

    assert "2 of 2 environments, raised until <!date" in raised
    assert f"from 1, set by <@{blue.root.id}>" in raised
    assert "2 of 2 environments, raised until" in other
    assert f"*over:* 2 of 1 environment, set by <@{blue.root.id}>" in lowered
    with blue.berth.store.transaction() as connection:
        kept = "SELECT before, after FROM audit_event WHERE action = 'set limits' ORDER BY at DESC LIMIT 1"
        before, after = connection.exec_driver_sql(kept).one()
    assert ('"environments": "2"' in before, '"environments": "1"' in after) == (True, True)


def test_a_person_is_told_of_limits_of_their_own_and_one_can_have_none(blue: World) -> None:
    says(blue, "admin limits payments cpu=2")
    says(blue, f"admin limits <@{blue.ada.id}> environments=1 longest_ttl=40d")
    blue.settle()

    assert "> have at most 1 environment and a ttl of 40d." in text_of(last(blue.ada, "lets <@"))
    assert "You may have at most 1 environment" in text_of(blue.says(blue.ada, "/k8s create red"))
    says(blue, "admin limits ada environments=none")
    says(blue, "admin limits payments cpu=none")
    assert "Making `red`" in text_of(blue.says(blue.ada, "/k8s create red ttl=35d"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("admin limits zoe cpu=4", "“zoe” is no team, no cluster and nobody who has used Berth"),
        ("admin limits payments cpus=4", "did you mean cpu"),
        ("admin limits payments cpu=lots", "is no amount of CPU: try 40 or 500m"),
        ("admin limits payments memory=80", "of memory is less than 1Mi: try 80Gi"),
        ("admin limits payments cpu", "has no value"),
        ("admin limits main longest_ttl=4d", "There is no limit"),
        ("admin limits cpu=4", "Whose limits?"),
    ],
)
def test_what_cannot_be_set_is_told_with_what_can(blue: World, line: str, words: str) -> None:
    assert words in says(blue, line)


def test_only_admins_see_and_set_everybodys(blue: World) -> None:
    assert "only admins may do that" in text_of(blue.says(blue.lin, "/k8s admin limits payments cpu=400"))
    assert "Nothing is limited" in says(blue, "admin limits")


def test_nobody_settles_their_own_limits_but_an_only_admin(port: Harbour, tmp_path: Path) -> None:
    line, database = "admin limits root environments=9", f"sqlite:///{tmp_path / 'berth.sqlite'}"
    with world(port, database, tmp_path) as company:
        alone = says(company, line)
    with world(port, database, tmp_path, admins=["root@harbour.example", "lin@harbour.example"]) as company:
        company.says(company.lin, "/k8s whoami")
        among_others = says(company, line.replace("9", "90"))
        seen = says(company, "admin limits root")
        by_another = text_of(company.says(company.lin, f"/k8s {line.replace('9', '80')}"))

        assert "9 environments" in alone
        assert f"Nobody settles their own limits. Another admin can: <@{company.lin.id}>." in among_others
        assert "0 of 9 environments" in seen
        assert "80 environments" in by_another


@pytest.fixture
def rolling(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """Berth is there for payments only."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, rollout=["payments"]) as found:
        yield found


def test_while_it_is_rolled_out_others_ask_and_are_let_in_once_or_for_a_while(rolling: World) -> None:
    ours = text_of(rolling.says(rolling.ada, "/k8s create ours"))
    theirs = text_of(rolling.says(rolling.mio, "/k8s create theirs"))
    before_the_form = text_of(rolling.says(rolling.mio, "/k8s create"))
    admins = text_of(rolling.says(rolling.root, "/k8s create mine"))
    ask(rolling, rolling.mio, "/k8s create theirs", "we are next")
    seen = asked_of(rolling.root, rolling.root.channel()["id"])
    click(rolling.root, seen, "Approve once")
    until(lambda: named(rolling) == ["mine", "ours", "theirs"], "the environment")
    rolling.settle()
    ask(rolling, rolling.mio, "/k8s create more", "we are still next")
    click(rolling.root, asked_of(rolling.root, rolling.root.channel()["id"]), "Approve until…")
    day = (rolling.clock.now() + timedelta(days=6)).date().isoformat()
    send(rolling.root, modal(rolling.root, "Until which day?"), until=day)
    until(lambda: named(rolling) == ["mine", "more", "ours", "theirs"], "the environment")
    rolling.settle()
    in_time = text_of(rolling.says(rolling.mio, "/k8s create again"))
    rolling.clock.advance(days=8)

    assert "Making `ours`" in ours
    assert "Making `mine`" in admins
    assert "rolled out team by team, now to payments" in before_the_form
    assert "`/k8s create blue`, and ask for it there" in before_the_form
    assert not [view for view in rolling.mio.modals() if "Yours to choose" in str(view)]
    assert "rolled out team by team, now to payments" in theirs
    assert "Ask to have it now; an admin decides." in theirs
    assert "Berth is not there for <@" in text_of(seen)
    assert "Making `again`" in in_time
    assert "rolled out team by team" in text_of(rolling.says(rolling.mio, "/k8s create late"))
