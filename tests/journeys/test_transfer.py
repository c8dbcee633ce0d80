"""An environment is given to a colleague: theirs from then on, on the cluster too, whatever happens in between."""

import pytest

from bot.rules.names import service_account_name
from bot.rules.words import LABEL_OWNER, LABEL_TEAM, OWNER_BINDING, Phase
from bot.sandbox.cluster.faults import Fault
from store.tables import Orphan
from tests.journeys.people import buttons, last, modal, text_of
from tests.sandbox.slack.person import Person
from tests.world import World

GIVEN = "'s now"


@pytest.fixture
def blue(company: World) -> World:
    """Ada of payments has `blue`, running."""
    company.clock.move_to(12, "Europe/Berlin")
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def give(world: World, who: Person, line: str, said: str) -> str:
    who.does("command", channel=who.channel()["id"], text=f"/k8s {line}")
    if said == GIVEN:
        who.does("submit", view_id=modal(who, "They get:")["id"])
    return text_of(modal(who, said))


def holders(world: World) -> list[str]:
    """Whom the owner's binding on the cluster names."""
    place = world.environment("blue").namespace
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{place}/rolebindings/{OWNER_BINDING}"
    return [subject["name"] for subject in world.harbour.admin.call("GET", path)["subjects"]]


def account(world: World, who: Person) -> str:
    return service_account_name(who.id, world.environment("blue").workspace_id)


def test_it_is_theirs_from_then_on_and_both_are_told(blue: World) -> None:
    give(blue, blue.ada, f"transfer blue <@{blue.mio.id}|mio>", GIVEN)
    blue.settle()

    found = blue.environment("blue")
    labels = blue.harbour.admin.get("Namespace", found.namespace)["metadata"]["labels"]
    told = last(blue.mio, "gave `blue` to you")
    assert (found.owner_id, found.owner_email, found.team) == (blue.mio.id, "mio@harbour.example", "search")
    assert holders(blue) == [account(blue, blue.mio)]
    assert (labels[LABEL_OWNER], labels[LABEL_TEAM]) == (blue.mio.id, "search")
    assert "Connect" in buttons(told)
    assert f"belongs to <@{blue.mio.id}>" in text_of(last(blue.ada, "belongs to"))
    assert "that you may see" in text_of(blue.says(blue.ada, "/k8s sleep blue"))
    with blue.berth.store.read() as records:
        event = next(e for e in records.audit.of_environment(found.id) if e.action == "transfer")
    assert (event.before["owner_id"], event.after["owner_id"]) == (blue.ada.id, blue.mio.id)
    assert (event.actor, event.source_kind) == (blue.ada.id, "view")


def test_the_audit_log_tells_it_under_the_name_of_each_of_the_three(blue: World) -> None:
    give(blue, blue.root, f"transfer blue <@{blue.mio.id}|mio>", GIVEN)
    for name in ("ada", "mio", "root"):
        blue.root.does("reload")
        blue.root.does("command", channel=blue.root.channel()["id"], text=f"/k8s admin audit @{name}")

        assert "*transfer* `blue`" in text_of(modal(blue.root, "*Events*"))


def test_it_is_asked_first_with_what_they_get(blue: World) -> None:
    said = give(blue, blue.ada, f"transfer blue <@{blue.mio.id}|mio>", "you cannot take it back")
    blue.settle()

    assert f"`blue` becomes <@{blue.mio.id}>'s" in said
    assert "one environment of size `s` (" in said
    assert "template `web`, running" in said
    assert blue.environment("blue").owner_id == blue.ada.id


def test_a_lead_who_gives_away_somebodys_can_take_it_back_and_is_not_told_otherwise(blue: World) -> None:
    said = give(blue, blue.lin, f"transfer blue <@{blue.mio.id}|mio>", "They get:")

    assert f"*`blue` becomes <@{blue.mio.id}>'s.*" in said


def test_who_takes_over_themselves_is_told_so(blue: World) -> None:
    give(blue, blue.lin, f"transfer blue <@{blue.lin.id}|lin>", GIVEN)
    blue.settle()

    assert "You took over `blue`" in text_of(last(blue.lin, "You took over"))
    assert "they took it over" in text_of(last(blue.ada, "they took it over"))


@pytest.mark.parametrize(
    ("whom", "said"),
    [("gus", "Guests cannot have environments"), ("nobody", "I know nobody called"), ("@ada", "'s already")],
)
def test_only_somebody_who_may_use_berth_is_given_anything(blue: World, whom: str, said: str) -> None:
    typed = f"<@{blue.gus.id}|gus>" if whom == "gus" else whom

    give(blue, blue.ada, f"transfer blue {typed}", said)
    blue.settle()

    assert blue.environment("blue").owner_id == blue.ada.id


def test_nobody_is_given_more_than_they_may_have(blue: World) -> None:
    blue.says(blue.lin, "/k8s create mine")
    blue.settle()
    blue.says(blue.root, f"/k8s admin limits <@{blue.lin.id}> environments=1")

    said = give(blue, blue.ada, f"transfer blue <@{blue.lin.id}>", "in use already")

    assert f"<@{blue.lin.id}> may have at most 1 environment" in said
    assert blue.environment("blue").owner_id == blue.ada.id


def test_who_may_not_see_it_cannot_give_it_away(blue: World) -> None:
    said = text_of(blue.says(blue.mio, f"/k8s transfer blue <@{blue.mio.id}>"))

    assert "that you may see" in said
    assert blue.environment("blue").owner_id == blue.ada.id


def test_the_former_owners_access_ends_though_the_cluster_fails_and_berth_restarts(blue: World) -> None:
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.faults.add(Fault(verb="patch", resource="rolebindings", status=503, times=2))
    blue.harbour.sandbox.faults.add(Fault(verb="patch", resource="namespaces", drop="after", times=1))

    give(blue, blue.ada, "transfer blue lin@harbour.example", GIVEN)
    blue.work()
    blue.restart()
    blue.settle()

    assert holders(blue) == [account(blue, blue.lin)]
    assert blue.environment("blue").bound_owner_id == blue.lin.id
    assert blue.environment("blue").condition is None


def test_what_sleeps_and_lost_its_owner_is_given_too_and_wakes_for_its_new_one(blue: World) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()
    row, now = blue.environment("blue"), blue.clock.now()
    with blue.berth.store.begin() as records:
        lost = Orphan(
            environment_id=row.id, workspace_id=row.workspace_id, because="left", since=now, notice_key="none"
        )
        records.orphans.add(lost)

    give(blue, blue.root, f"transfer blue <@{blue.lin.id}>", GIVEN)
    blue.settle()
    given = holders(blue)
    blue.says(blue.lin, "/k8s wake blue")
    blue.settle()

    with blue.berth.store.read() as records:
        assert records.orphans.of(row.id) is None
    assert given == [account(blue, blue.lin)]
    assert blue.environment("blue").phase is Phase.RUNNING
    assert f"<@{blue.root.id}> gave `blue` to you" in text_of(last(blue.lin, "gave `blue` to you"))


def test_the_new_owner_is_warned_before_it_sleeps_though_the_former_was(blue: World) -> None:
    blue.pass_time(hours=3, minutes=46)
    warned = last(blue.ada, "Going to sleep soon")
    give(blue, blue.ada, "transfer blue lin@harbour.example", GIVEN)
    blue.settle()
    blue.pass_time(minutes=16)
    still = blue.environment("blue").phase
    anew = last(blue.lin, "Going to sleep soon")
    blue.pass_time(minutes=16)

    assert buttons(last(blue.ada, "Sleep warning")) == {} != buttons(warned)
    assert still is Phase.RUNNING
    assert "Keep awake 2h" in buttons(anew)
    assert blue.environment("blue").phase is Phase.SLEEPING
