"""The warning before sleep: every answer to it, by whom, in both copies, and what its message becomes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rules.words import Phase
from tests.journeys.people import buttons, click, direct, last, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import COMPANY, Harbour, World, world

WARNED_AFTER = {"hours": 3, "minutes": 46}
POD = {"containers": [{"name": "main", "image": "docker.io/library/busybox:1.37", "command": ["sleep", "infinity"]}]}
HEARING = {"teams": [COMPANY["teams"][0] | {"hears_warnings": True}]}


def begin(company: World) -> World:
    """A company in which ada has a running environment `blue` with a web server."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


@pytest.fixture
def blue(company: World) -> World:
    """idle_after 4h, warned 15m before."""
    return begin(company)


@pytest.fixture
def warned(blue: World) -> World:
    """The same, unused until the warning."""
    blue.pass_time(**WARNED_AFTER)
    return blue


@pytest.fixture
def heard(port: Harbour, tmp_path: Path) -> Iterator[World]:
    """The same, in a team that wants to hear of it in its channel."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **HEARING) as found:
        begin(found).pass_time(**WARNED_AFTER)
        yield found


def warning(who: Person) -> Json:
    return last(who, "Going to sleep soon", "Sleep warning")


def copy(who: Person) -> Json:
    """The team's copy, as one of them sees it."""
    rows = who.sees(channel(who))
    return next(
        row for row in reversed(rows) if "Going to sleep soon" in text_of(row) or "Sleep warning" in text_of(row)
    )


def channel(who: Person) -> str:
    return str(who.channel("channel", "payments")["id"])


def phase(company: World) -> Phase:
    return company.environment("blue").phase


def never(company: World, reason: str = "the demo on Thursday") -> Json:
    """Press Never sleep it…, and answer the question."""
    click(company.ada, warning(company.ada), "Never sleep it…")
    form = modal(company.ada, "Why must it never sleep?")
    answered = company.ada.does("submit", view_id=form["id"], values={"reason": {"value": {"value": reason}}})
    company.settle()
    return answered


def audited(company: World) -> list[str]:
    with company.berth.store.read() as records:
        return [event.action for event in records.audit.of_environment(company.environment("blue").id)]


def test_until_tomorrow_morning_keeps_it_awake_until_nine_of_the_clickers_next_working_day(warned: World) -> None:
    (label,) = [one for one in buttons(warning(warned.ada)) if one.startswith("Until")]

    click(warned.ada, warning(warned.ada), label)
    warned.settle()

    until_then = warned.environment("blue").awake_until
    assert until_then is not None
    there = until_then.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{there:%H:%M}" == "09:00"
    assert there.weekday() < 5
    assert until_then > warned.clock.now()
    assert f"Kept awake until <!date^{int(until_then.timestamp())}" in text_of(warning(warned.ada))


def test_no_morning_is_offered_that_is_further_than_it_may_be_kept_awake(port: Harbour, tmp_path: Path) -> None:
    short = {"sleep": {"longest_keep_awake": "1h"}}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **short) as company:
        begin(company).pass_time(**WARNED_AFTER)

        assert not [one for one in buttons(warning(company.ada)) if one.startswith("Until")]


def test_the_message_becomes_the_news_of_the_sleep_and_of_the_waking(warned: World) -> None:
    warned.pass_time(minutes=16)
    asleep = warning(warned.ada)
    click(warned.ada, asleep, "Wake")
    warned.settle()

    assert "Asleep since" in text_of(asleep)
    assert "unused for 4h" in text_of(asleep)
    assert list(buttons(asleep)) == ["Wake"]
    assert "Awake again" in text_of(warning(warned.ada))
    assert f"<@{warned.ada.id}>" in text_of(warning(warned.ada))
    assert buttons(warning(warned.ada)) == {}


def test_extending_what_sleeps_leaves_the_news_of_its_sleep(warned: World) -> None:
    warned.pass_time(minutes=16)

    warned.says(warned.ada, "/k8s extend blue 2h")
    warned.settle()

    assert "Asleep since" in text_of(warning(warned.ada))


@pytest.fixture
def lonely(blue: World) -> World:
    """The same with a pod that nothing could bring back, unused until the warning."""
    path = f"/api/v1/namespaces/{blue.environment('blue').namespace}/pods"
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug"}, "spec": POD}
    blue.harbour.admin.call("POST", path, {"fieldManager": "kubectl"}, body)
    blue.pass_time(hours=3, minutes=47)
    return blue


def pods(company: World) -> list[str]:
    return [pod["metadata"]["name"] for pod in company.harbour.admin.list("Pod", company.environment("blue").namespace)]


def test_pods_of_their_own_are_named_and_run_on_through_a_sleep(lonely: World) -> None:
    said = warning(lonely.ada)
    click(lonely.ada, said, "Sleep now")
    lonely.settle()

    assert "Pod debug has no controller" in text_of(said)
    assert pods(lonely) == ["debug"]
    assert phase(lonely) is Phase.SLEEPING
    assert "Pod debug" in text_of(warning(lonely.ada))


def test_pods_of_their_own_end_where_somebody_agrees_and_only_with_that_sleep(lonely: World) -> None:
    click(lonely.ada, warning(lonely.ada), "Sleep now, end 1 pod")
    lonely.settle()
    ended, told = pods(lonely), text_of(warning(lonely.ada))
    lonely.says(lonely.ada, "/k8s wake blue")
    lonely.settle()

    assert ended == []
    assert "Ended for good, as agreed* • Pod debug" in " ".join(told.split())
    assert not lonely.environment("blue").stops_pods


def test_never_sleep_asks_for_a_reason_and_tells_it_and_its_asker(warned: World) -> None:
    never(warned)
    said = warning(warned.ada)
    warned.pass_time(days=1)

    assert "never sleeps by itself" in text_of(said)
    assert f"by wish of <@{warned.ada.id}>: the demo on Thursday" in text_of(said)
    assert list(buttons(said)) == ["Let it sleep again"]
    assert phase(warned) is Phase.RUNNING
    assert "exempt" in audited(warned)


def test_a_reason_of_nothing_but_spaces_is_refused_where_it_was_typed(warned: World) -> None:
    never(warned, "  \u00a0 ")

    assert "needs a reason" in str(warned.ada.modal())
    assert warned.environment("blue").never_sleep_reason is None


def test_what_is_let_sleep_again_is_warned_first(warned: World) -> None:
    never(warned)
    warned.pass_time(days=1)
    click(warned.ada, warning(warned.ada), "Let it sleep again")
    lifted = warning(warned.ada)
    warned.settle()
    warned.tick()
    anew = warning(warned.ada)
    awake = phase(warned)
    warned.pass_time(minutes=16)

    assert warned.environment("blue").never_sleep_reason is None
    assert lifted["ts"] != anew["ts"]
    assert "falls asleep" in anew["text"]
    assert awake is Phase.RUNNING
    assert phase(warned) is Phase.SLEEPING
    assert "end exemption" in audited(warned)


def test_the_exemption_can_be_ended_from_the_status_too_and_a_second_click_is_answered(warned: World) -> None:
    never(warned)

    status = warned.says(warned.ada, "/k8s status blue")
    click(warned.ada, status, "Let it sleep again")
    click(warned.ada, status, "Let it sleep again")
    warned.settle()

    assert "the demo on Thursday" in text_of(status)
    assert "lets it sleep again" in text_of(warning(warned.ada))
    assert "not exempt" in " ".join(text_of(row) for row in direct(warned.ada) if row.get("ephemeral"))


def test_who_may_not_exempt_reads_who_may(port: Harbour, tmp_path: Path) -> None:
    leads = {"sleep": {"never_sleep": "lead"}}
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **leads) as company:
        begin(company).pass_time(**WARNED_AFTER)

        click(company.ada, warning(company.ada), "Never sleep it…")

        refused = text_of([row for row in direct(company.ada) if row.get("ephemeral")][-1])
        assert "sleep.never_sleep: lead" in refused
        assert "lin@harbour.example or an admin" in refused


def test_a_lead_answers_the_teams_copy_and_both_say_so(heard: World) -> None:
    click(heard.lin, copy(heard.lin), "Keep awake 4h", channel(heard.lin))
    heard.settle()

    for said in (copy(heard.lin), warning(heard.ada)):
        assert f"by <@{heard.lin.id}>" in text_of(said)
        assert buttons(said) == {}


def test_the_teams_copy_tells_phones_the_time_in_the_teams_zone(heard: World) -> None:
    assert re.search(r" CES?T>", copy(heard.lin)["text"])


def test_both_copies_become_the_news_of_the_sleep(heard: World) -> None:
    heard.pass_time(minutes=16)

    for said in (copy(heard.lin), warning(heard.ada)):
        assert "Asleep since" in text_of(said)
        assert list(buttons(said)) == ["Wake"]


def test_the_teams_copy_is_no_warning_of_the_owner(port: Harbour, tmp_path: Path) -> None:
    port.control.post("/faults", method="conversations.open", status=500, times=None)
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, **HEARING) as company:
        company.says(company.ada, "/k8s create blue")
        until(lambda: _worked(company) and phase(company) is Phase.RUNNING, "an environment", seconds=30)

        for wait in (WARNED_AFTER, {"hours": 9}):
            company.clock.advance(**wait)
            company.berth.passes.lifetimes.judge_due()
            company.work()

        assert "falls asleep" in copy(company.lin)["text"]
        assert phase(company) is Phase.RUNNING


def _worked(company: World) -> bool:
    assert company.harbour.sandbox is not None
    company.harbour.sandbox.settle()
    company.work()
    return True


class TestQuiet:
    """What can wait is not said at night, nor to whoever does not want to be disturbed."""

    @pytest.fixture
    def asleep(self, port: Harbour, tmp_path: Path, hour: int) -> Iterator[World]:
        """`blue` asleep, made at that hour in its owner's zone; its end is two days and half an hour away."""
        port.clock.move_to(hour, "Europe/Berlin")
        with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path) as company:
            begin(company).says(company.ada, "/k8s sleep blue")
            company.settle()
            company.clock.advance(days=4, hours=23, minutes=30)
            yield company

    def told(self, company: World, **wait: float) -> bool:
        """Whether the end has been announced after so long."""
        company.clock.advance(**wait)
        company.berth.passes.lifetimes.judge_due()
        company.work()
        return any("Its time is nearly over" in text_of(row) for row in direct(company.ada))

    @pytest.mark.parametrize("hour", [12])
    def test_by_day_the_end_is_announced_at_once(self, asleep: World) -> None:
        assert self.told(asleep, minutes=35)

    @pytest.mark.parametrize("hour", [22])
    def test_at_night_it_waits_for_the_morning(self, asleep: World) -> None:
        at_night = self.told(asleep, minutes=35), self.told(asleep, hours=8)

        assert at_night == (False, False)
        assert self.told(asleep, hours=2)

    @pytest.mark.parametrize("hour", [12])
    def test_whoever_does_not_want_to_be_disturbed_is_told_after_that(self, asleep: World) -> None:
        begins = int(asleep.clock.now().timestamp())
        dnd: dict[str, Any] = {"dnd_enabled": True, "next_dnd_start_ts": begins, "next_dnd_end_ts": begins + 3 * 3600}
        asleep.harbour.control.post("/people/ada", dnd=dnd)

        meanwhile = self.told(asleep, minutes=35), self.told(asleep, hours=2)

        assert meanwhile == (False, False)
        assert self.told(asleep, minutes=30)

    @pytest.mark.parametrize("hour", [12])
    def test_a_slack_that_does_not_tell_who_may_be_disturbed_delivers_at_once(self, asleep: World) -> None:
        asleep.harbour.control.post("/faults", method="dnd.info", error="unknown_method", times=None)

        assert self.told(asleep, minutes=35)

    @pytest.mark.parametrize("hour", [12])
    def test_the_last_warning_before_the_end_does_not_wait(self, asleep: World) -> None:
        asleep.clock.advance(days=1, hours=23)
        begins = int(asleep.clock.now().timestamp())
        dnd: dict[str, Any] = {"dnd_enabled": True, "next_dnd_start_ts": begins, "next_dnd_end_ts": begins + 9 * 3600}
        asleep.harbour.control.post("/people/ada", dnd=dnd)

        assert self.told(asleep, hours=1, minutes=5)


def test_the_warning_before_sleep_does_not_wait_for_the_morning(port: Harbour, tmp_path: Path) -> None:
    port.clock.move_to(19, "Europe/Berlin")
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path) as company:
        begin(company).pass_time(**WARNED_AFTER)

        assert "falls asleep" in warning(company.ada)["text"]


def test_an_end_put_off_by_a_week_does_not_keep_it_awake_for_a_week(port: Harbour, tmp_path: Path) -> None:
    port.clock.move_to(12, "Europe/Berlin")
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path) as company:
        begin(company).says(company.ada, "/k8s extend blue 6d")
        company.settle()
        company.pass_time(days=5, hours=1)
        before = company.environment("blue")
        click(company.ada, last(company.ada, "Its time is nearly over"), "Keep 1 more week")
        company.settle()
        after = company.environment("blue")

        assert before.expires_at is not None
        assert after.expires_at is not None
        assert after.expires_at - before.expires_at == pytest.approx(timedelta(days=7), abs=timedelta(seconds=1))
        assert after.awake_until == before.awake_until


@pytest.mark.parametrize("label", ["Keep awake 2h", "Sleep now", "Never sleep it…"])
def test_every_click_is_authorised_when_it_is_clicked(heard: World, label: str) -> None:
    heard.harbour.control.post(f"/channels/{channel(heard.lin)}", members=["ada", "lin", "mio"], bot_member=True)
    there = channel(heard.mio)

    click(heard.mio, copy(heard.lin), label, there)

    refused = [row for row in heard.mio.sees(there) if row.get("ephemeral")][-1]
    assert f"belongs to <@{heard.ada.id}>: only its owner, a lead of its team" in text_of(refused)
    assert heard.environment("blue").wanted == "RUNNING"
    assert heard.environment("blue").awake_until is None
