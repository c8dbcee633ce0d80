"""An environment is shared, used by others, and theirs no more: in Slack and on the cluster."""

from pathlib import Path

import pytest

from bot.rules.words import EDIT_BINDING, OWNER_BINDING, VIEW_BINDING, Phase
from bot.sandbox.cluster.faults import Fault
from bot.seams.cluster import NotFound
from tests.journeys.people import buttons, click, direct, last, modal, text_of
from tests.journeys.reach import connected
from tests.world import World


@pytest.fixture
def blue(company: World) -> World:
    """Ada, of team payments, has a running environment `blue`."""
    company.says(company.ada, "/k8s create blue template=web")
    company.settle()
    return company


def bindings(world: World, name: str = "blue") -> dict[str, list[str]]:
    """Whom the bindings of people name, by binding, as the ends of the subjects' names."""
    namespace, found = world.environment(name).namespace, {}
    for binding in (OWNER_BINDING, EDIT_BINDING, VIEW_BINDING):
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings/{binding}"
        try:
            subjects = world.harbour.admin.call("GET", path).get("subjects") or []
        except NotFound:
            continue
        found[binding] = sorted(one["name"].rpartition("-")[2].upper() for one in subjects)
    return found


def share(world: World, line: str) -> str:
    said = text_of(world.says(world.ada, f"/k8s share {line}"))
    world.settle()
    return said


def test_what_is_shared_is_told_used_and_over_at_its_time(blue: World, tmp_path: Path) -> None:
    said = share(blue, f"blue <@{blue.mio.id}|mio> view for 4h")

    assert "is shared with" in said
    told = last(blue.mio, "shares `blue` with you")
    assert "connect blue" in text_of(told)
    assert "until" in text_of(told)
    assert bindings(blue)[VIEW_BINDING] == [blue.mio.id]
    mios = connected(blue, blue.mio, "blue", tmp_path)
    assert (mios.lists("pods"), mios.lists("secrets")) == (200, 403)
    assert "`blue`" in text_of(blue.says(blue.mio, "/k8s list"))
    assert f"<@{blue.mio.id}>: view" in text_of(blue.says(blue.ada, "/k8s status blue"))

    blue.clock.advance(hours=4)
    blue.tick()

    assert VIEW_BINDING not in bindings(blue)
    assert mios.lists("pods") == 403
    assert "has ended: its time is over" in text_of(last(blue.ada, "The access of"))
    assert "has ended" in text_of(last(blue.mio, "Your access"))
    assert not buttons(last(blue.mio, "shares `blue` with you"))
    assert "Nobody shares" in text_of(blue.says(blue.mio, "/k8s list shared"))


def test_a_button_of_the_status_takes_access_back(blue: World, tmp_path: Path) -> None:
    share(blue, "blue mio@harbour.example edit")
    mios = connected(blue, blue.mio, "blue", tmp_path)
    assert mios.lists("secrets") == 200

    status = blue.says(blue.ada, "/k8s status blue")
    assert "shared with @mio no more" in str(status["blocks"])
    click(blue.ada, status, "Remove @mio")
    blue.settle()

    assert mios.lists("secrets") == 403
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}
    assert "took it back" in text_of(last(blue.mio, "Your access"))
    assert not [row for row in direct(blue.ada) if "The access of" in text_of(row)]  # she did it herself


def test_a_team_has_access_its_later_members_before_they_have_their_kubeconfig(blue: World, tmp_path: Path) -> None:
    share(blue, "blue search edit")
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}  # Berth has met none of its members yet

    mios = connected(blue, blue.mio, "blue", tmp_path)

    assert mios.lists("secrets") == 200
    assert bindings(blue)[EDIT_BINDING] == [blue.mio.id]
    assert f"<@{blue.ada.id}> shares `blue` with team search" in str(
        blue.mio.sees(blue.mio.channel("channel", "search")["id"])
    )


def test_its_own_team_may_see_it(blue: World, tmp_path: Path) -> None:
    share(blue, "blue team")

    lins = connected(blue, blue.lin, "blue", tmp_path)

    assert (lins.lists("pods"), lins.lists("secrets")) == (200, 403)


@pytest.mark.parametrize(
    ("whom", "why"),
    [
        ("gus@harbour.example", "is a guest in this workspace"),
        ("nobody@harbour.example", "Slack knows nobody"),
        ("@nobody", "no colleague and no team"),
        ("ada@harbour.example", "own"),
        ("@U0NOBODYATALL", "Slack does not tell me who that is"),
    ],
)
def test_who_cannot_have_access_is_named_with_the_reason(blue: World, whom: str, why: str) -> None:
    assert why in share(blue, f"blue {whom} edit")
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}


def test_sharing_is_the_owners_the_leads_and_the_admins(blue: World) -> None:
    share(blue, "blue mio@harbour.example edit")

    said = text_of(blue.says(blue.mio, "/k8s share blue root@harbour.example"))
    blue.says(blue.lin, "/k8s share blue root@harbour.example view")
    blue.settle()

    assert "only its owner" in said
    assert bindings(blue)[VIEW_BINDING] == [blue.root.id]
    assert "has shared your `blue`" in text_of(last(blue.ada, "has shared your"))


def test_who_may_share_it_but_not_connect_shares_it_with_themselves(blue: World, tmp_path: Path) -> None:
    refused = text_of(blue.says(blue.lin, "/k8s connect blue"))
    share(blue, f"blue <@{blue.mio.id}> view")
    viewers = text_of(blue.says(blue.root, "/k8s connect blue"))
    blue.says(blue.lin, "/k8s share blue me edit")
    blue.settle()

    assert "Share it with yourself first: `/k8s share blue me view`" in refused
    assert "`/k8s share blue me view`" in viewers
    assert connected(blue, blue.lin, "blue", tmp_path).lists("secrets") == 200
    assert f"<@{blue.lin.id}> has shared your `blue` with <@{blue.lin.id}>" in text_of(
        last(blue.ada, "has shared your")
    )
    assert "own" in share(blue, "blue @me view")


def test_what_sleeps_can_be_shared_and_sleeps_on(blue: World, tmp_path: Path) -> None:
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    share(blue, "blue mio@harbour.example edit")

    assert blue.environment("blue").phase is Phase.SLEEPING
    assert bindings(blue)[EDIT_BINDING] == [blue.mio.id]
    blue.says(blue.mio, "/k8s wake blue")
    blue.settle()
    assert blue.environment("blue").phase is Phase.RUNNING


def test_who_only_looks_is_given_no_commands_that_would_change_anything(blue: World) -> None:
    share(blue, f"blue <@{blue.mio.id}> view")
    share(blue, f"blue <@{blue.lin.id}> edit")
    blue.says(blue.ada, "/k8s sleep blue")
    blue.settle()

    for who in (blue.mio, blue.lin):
        who.does("command", channel=who.channel()["id"], text="/k8s connect blue")
    looks, works = (text_of(modal(who, "kubectl --kubeconfig")) for who in (blue.mio, blue.lin))

    assert "Here you can change nothing: it is shared with you to view." in looks
    assert f"<@{blue.ada.id}> can wake it" in looks
    assert "k9s --kubeconfig" in looks
    assert "skaffold" not in looks
    assert "skaffold dev --kubeconfig" in works
    assert "`/k8s wake blue` wakes it" in works


def test_a_cluster_that_fails_meanwhile_follows_in_the_end(blue: World) -> None:
    assert blue.harbour.sandbox is not None
    blue.harbour.sandbox.faults.add(Fault(resource="rolebindings", status=500, times=3))
    share(blue, "blue mio@harbour.example edit")
    assert bindings(blue)[EDIT_BINDING] == [blue.mio.id]

    blue.harbour.sandbox.faults.add(Fault(resource="rolebindings", drop="after", times=2))
    blue.says(blue.ada, "/k8s unshare blue mio@harbour.example")
    blue.settle()

    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}


def test_a_share_to_edit_for_a_while_leaves_the_one_to_view_that_was_there(blue: World) -> None:
    share(blue, "blue mio@harbour.example view")
    said = share(blue, "blue mio@harbour.example edit for 4h")
    longer = share(blue, "blue mio@harbour.example edit for 5h")

    assert "After that they may view it until it is taken back, as before" in said
    assert "After that they may view it until it is taken back, as before" in longer
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id], EDIT_BINDING: [blue.mio.id]}
    status = text_of(blue.says(blue.ada, "/k8s status blue"))
    assert f"<@{blue.mio.id}>: edit until" in status
    assert ", then view until it is taken back" in status

    blue.clock.advance(hours=5)
    blue.tick()

    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id], VIEW_BINDING: [blue.mio.id]}
    assert "You may no longer edit `blue`" in text_of(last(blue.mio, "You may still view it"))
    assert "may no longer edit `blue`" in text_of(last(blue.ada, "They may still view it"))
    blue.says(blue.ada, "/k8s unshare blue mio@harbour.example")
    blue.settle()
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id]}


def test_what_was_typed_comes_back_with_names_and_without_ids(blue: World) -> None:
    said = share(blue, f"blue <@{blue.mio.id}|mio> edit for 0h")

    assert "You typed `/k8s share blue @mio edit for 0h`" in said
    assert "`/k8s share blue @mio edit 4h`" in said
    assert blue.mio.id not in said


def test_a_share_that_takes_something_away_says_so(blue: World) -> None:
    share(blue, "blue mio@harbour.example edit for 2d")
    said = share(blue, "blue mio@harbour.example view for 1h")

    assert "Before, it was edit until" in said
    assert "editing is taken away" in said
    assert bindings(blue) == {OWNER_BINDING: [blue.ada.id], VIEW_BINDING: [blue.mio.id]}
    assert "already" in share(blue, "blue search") + share(blue, "blue search")
