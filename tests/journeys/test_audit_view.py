"""An admin reads who did what, when, from where, and what changed; on pages, and as a file."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.usecases.intents import Deed, audit, picture
from bot.usecases.source import Source
from handlers.admin.audit_words import differing
from tests.journeys.people import buttons, click, last, modal, text_of
from tests.sandbox.slack.person import Json, until
from tests.world import Harbour, World, world


@pytest.fixture
def blue(company: World) -> World:
    """Ada made `blue` and put it to sleep by a button; mio has `red`."""
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue template=web")
    company.says(company.mio, "/k8s create red")
    company.settle()
    click(company.ada, last(company.ada, "is running"), "Sleep now")
    company.settle()
    return company


def audited(world: World, line: str = "admin audit") -> Json:
    world.root.does("reload")  # no modal of before may be taken for this one
    world.root.does("command", channel=world.root.channel()["id"], text=f"/k8s {line}")
    return modal(world.root, "*Events*")


def file_of(world: World) -> list[list[str]]:
    """The CSV file that the admin was sent."""
    found = until(lambda: [row for row in world.root.sees(world.root.channel()["id"]) if row.get("files")], "a file")
    address = found[-1]["files"][0]["url_private"]
    token = {"Authorization": f"Bearer {world.harbour.slack.bot_token}"}
    return list(csv.reader(io.StringIO(httpx.get(address, headers=token, trust_env=False).text, newline="")))


def test_events_say_who_when_from_where_and_what_changed(blue: World) -> None:
    said = text_of(audited(blue))
    of_blue = text_of(audited(blue, "admin audit blue"))
    of_ada = text_of(audited(blue, f"admin audit <@{blue.ada.id}|ada> 1d"))

    assert f"<@{blue.ada.id}> · *sleep* `blue`" in said
    assert "/archives/D" in said
    assert "|by a button>" in said
    assert "|by a command>" in said
    assert "wanted: running → asleep" in said
    assert "*create* `red`" in said
    assert "*now asleep* `blue`" not in said
    assert "*now asleep* `blue`" in of_blue
    assert "`red`" not in of_blue
    assert "`red`" not in of_ada
    assert "*create* `blue`" in of_ada


def test_it_says_to_whom_something_was_done_and_mentions_nobody_who_is_no_person(blue: World) -> None:
    limits = "admin limits payments memory=80Gi cpu=40"
    lines = (limits, "admin limits payments memory=90Gi", "admin limits payments cpu=none", "admin limits @ada gpu=1")
    for line in (*lines, "admin protect blue URGENTLY", "admin pause URGENTLY"):
        blue.says(blue.root, f"/k8s {line}")
    blue.root.does("command", channel=blue.root.channel()["id"], text="/k8s admin map @ada ada@harbour.example")
    modal(blue.root, "The role stays")
    blue.root.does("reload")

    said = text_of(audited(blue))
    of_ada = text_of(audited(blue, "admin audit @ada"))

    assert "*set limits* for team payments" in said
    assert "memory: 80Gi memory → 90Gi memory" in said
    assert "cpu: 40 CPU → no limit" in said
    assert f"protected by: nothing → <@{blue.root.id}>" in said
    assert "<@URGENTLY>" not in said
    for done in ("set limits* for", "map* for", "protect* `blue` of"):
        assert f"*{done} <@{blue.ada.id}>" in of_ada
    assert "team payments" not in of_ada


def test_of_a_share_it_says_for_whom_it_is_whoever_gives_or_ends_it(blue: World) -> None:
    blue.says(blue.lin, f"/k8s share blue <@{blue.mio.id}> view for 1h")
    blue.pass_time(hours=2)

    of_mio = text_of(audited(blue, "admin audit @mio"))

    assert f"<@{blue.lin.id}> · *share* `blue` for <@{blue.mio.id}>" in of_mio
    assert f"Berth · *unshare* `blue` for <@{blue.mio.id}>" in of_mio


def test_what_became_of_whoever_left_stands_with_them(blue: World) -> None:
    blue.harbour.control.post(f"/people/{blue.ada.id}", deleted=True)
    until(lambda: blue.berth.passes.leaving.look_at_due() > 0, "the look at ada")

    assert f"*lose owner* `blue` of <@{blue.ada.id}>" in text_of(audited(blue, "admin audit @ada"))


def test_a_name_in_capitals_is_an_environments_before_it_is_anybodys(blue: World) -> None:
    blue.says(blue.ada, "/k8s create webshop1")

    assert "*create* `webshop1`" in text_of(audited(blue, "admin audit WEBSHOP1"))


def test_of_long_values_what_differs_is_shown(blue: World) -> None:
    usual, other = "a" * 70 + "08:00" + "b" * 70, "a" * 70 + "09:00" + "b" * 70

    assert differing(usual, other) == ("…aaaaaaaaaaa08:00bbbbbbbbb…", "…aaaaaaaaaaa09:00bbbbbbbbb…")
    assert differing("a", "b") == ("a", "b")


def test_a_wake_and_a_sleep_say_all_that_they_changed(blue: World) -> None:
    blue.says(blue.ada, "/k8s wake blue for 4h")
    blue.settle()
    blue.says(blue.ada, "/k8s sleep blue")

    with blue.berth.store.read() as records:
        events = records.audit.of_environment(blue.environment("blue").id)
    told = [(e.before["awake_until"], e.after["awake_until"]) for e in events if e.action in ("wake", "sleep")]
    assert [(bool(before), bool(after)) for before, after in told] == [(False, False), (False, True), (True, False)]


def test_events_outlive_the_environment_and_its_name(blue: World) -> None:
    actor = blue.berth.uses.people.identify("", blue.ada.id)
    blue.berth.uses.environments.delete(actor, blue.environment("blue").id, Source())
    blue.settle()
    blue.says(blue.ada, "/k8s create blue")
    blue.settle()
    blue.clock.advance(days=100)
    blue.berth.passes.forgetting.forget()

    said = text_of(audited(blue, "admin audit blue"))

    assert said.count("*create* `blue`") == 2
    assert "*delete* `blue`" in said


def test_the_file_holds_all_events_and_no_formula_and_is_audited_itself(blue: World) -> None:
    now = blue.clock.now()
    with blue.berth.store.begin() as records:
        row = records.environments.lock(blue.environment("red").id)
        assert row is not None
        for number in range(30):
            at = now + timedelta(seconds=number)
            deed = Deed("extend", blue.mio.id, Source(kind="command"), at, "=HYPERLINK(1)")
            audit(records, row, picture(row), deed)
    blue.clock.advance(minutes=5)
    view = audited(blue, "admin audit red 7d")
    blue.root.does("click", view_id=view["id"], **buttons(view)["Older"])
    older = until(lambda: [v for v in blue.root.modals() if "11 to 20 of" in text_of(v)], "the next page")[0]
    blue.root.does("click", view_id=view["id"], **buttons(older)["Export as CSV"])
    said = text_of(modal(blue.root, "is in your direct messages"))

    head, *rows = file_of(blue)
    assert f"The file with {len(rows)} events" in said
    assert head[:4] == ["at", "who", "action", "environment"]
    assert head[-2:] == ["who_email", "whom_email"]
    assert {row[-2] for row in rows} == {"mio@harbour.example"}
    assert len(rows) > 30
    assert {row[3] for row in rows} == {"red"}
    assert sum(row[5] == "'=HYPERLINK(1)" for row in rows) == 30
    blue.root.does("reload")
    assert "*audit export*" in text_of(audited(blue, "admin audit @root"))


def test_who_is_no_admin_reads_nothing_and_what_is_unknown_is_told(blue: World) -> None:
    blue.says(blue.root, "/k8s whoami")
    blue.lin.does("command", channel=blue.lin.channel()["id"], text="/k8s admin audit")
    refused = text_of(modal(blue.lin, "only admins"))
    blue.root.does("command", channel=blue.root.channel()["id"], text="/k8s admin audit none-such")

    assert f"Ask an admin: <@{blue.root.id}>." in refused
    assert "no length of time" in text_of(modal(blue.root, "none-such"))


def test_what_is_older_than_it_is_kept_goes_and_that_it_went_is_told_once_a_day(blue: World) -> None:
    blue.clock.advance(days=402)
    forgetting = blue.berth.passes.forgetting

    dropped, again = forgetting.forget_audit_events(), forgetting.forget_audit_events()
    said = text_of(audited(blue, "admin audit 1d"))
    blue.root.does("reload")
    with blue.berth.store.read() as records:
        known = [one.action for one in records.audit.of_environment(blue.environment("blue").id)]

    assert (dropped > 0, again) == (True, 0)
    assert known == ["create", "phase RUNNING"]
    assert "*forget audit events*" in said
    assert "audit_log.keep is 400 days" in said


def test_where_it_is_kept_for_ever_nothing_goes(port: Harbour, tmp_path: Path) -> None:
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, audit_log={"keep": "none"}) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()
        company.clock.advance(days=4000)

        assert company.berth.passes.forgetting.forget_audit_events() == 0
