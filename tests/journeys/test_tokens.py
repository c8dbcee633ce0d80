"""Kubeconfigs: what they hold, how they end, and that what must end does, whatever fails meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from bot.rules.names import service_account_name
from bot.rules.words import HOME_NAMESPACE, OWNER_BINDING, VIEW_BINDING
from bot.sandbox.cluster.faults import Fault
from tests.journeys.people import click_in, kubeconfig_of, text_of
from tests.journeys.reach import Reach, connected, opened, reach
from tests.sandbox.slack.person import Person, until
from tests.world import Harbour, World, world

CACHED = 11.0  # seconds: longer than an API server remembers a token that it has checked
OIDC: dict[str, Any] = {
    "access": "oidc",
    "oidc": {"issuer_url": "https://dex.harbour.example", "client_id": "k8s", "groups_prefix": "oidc:"},
}


@pytest.fixture
def blue(company: World) -> World:
    """Ada has a running environment `blue`."""
    company.says(company.ada, "/k8s create blue")
    company.settle()
    return company


def audited(world: World, action: str) -> list[str]:
    """Who did this, by the audit log."""
    query = text("select actor from audit_event where action = :action")
    with world.berth.store.engine.connect() as connection:
        return [str(row[0]) for row in connection.execute(query, {"action": action})]


def test_disconnect_ends_all_of_a_persons_kubeconfigs_and_nobody_elses(blue: World, tmp_path: Path) -> None:
    blue.says(blue.ada, "/k8s share blue lin@harbour.example edit")
    first, second = (connected(blue, blue.ada, "blue", tmp_path) for _ in range(2))
    lins = connected(blue, blue.lin, "blue", tmp_path)
    assert [one.lists() for one in (first, second, lins)] == [200, 200, 200]

    said = text_of(opened(blue, blue.ada, "/k8s disconnect", "Ended"))
    blue.clock.advance(seconds=CACHED)

    assert "up to 10 seconds" in said
    assert "`/k8s connect blue` gives you a new one" in said
    assert [one.lists() for one in (first, second, lins)] == [401, 401, 200]
    assert audited(blue, "disconnect") == [blue.ada.id]
    assert connected(blue, blue.ada, "blue", tmp_path).lists() == 200


def test_a_button_beside_the_kubeconfig_ends_it(blue: World, tmp_path: Path) -> None:
    shown = opened(blue, blue.ada, "/k8s connect blue", "apiVersion")
    mine = reach(kubeconfig_of(shown), tmp_path)

    click_in(blue.ada, shown, "End all my kubeconfigs", "Ended")
    blue.clock.advance(seconds=CACHED)

    assert mine.lists() == 401


def test_a_cluster_that_does_not_answer_ends_tokens_when_it_does(blue: World, tmp_path: Path) -> None:
    assert blue.harbour.sandbox is not None
    mine = connected(blue, blue.ada, "blue", tmp_path)
    blue.harbour.sandbox.faults.add(Fault(resource="secrets", status=503, times=1))

    said = text_of(opened(blue, blue.ada, "/k8s disconnect", "Not ended yet"))
    blue.restart()
    blue.pass_time(seconds=16)
    blue.clock.advance(seconds=CACHED)

    assert "I go on trying" in said
    assert mine.lists() == 401


def test_what_is_left_to_end_does_not_end_what_comes_after(blue: World, tmp_path: Path) -> None:
    assert blue.harbour.sandbox is not None
    connected(blue, blue.ada, "blue", tmp_path)
    blue.harbour.sandbox.faults.add(Fault(resource="secrets", status=503, times=1))
    opened(blue, blue.ada, "/k8s disconnect", "Not ended yet")

    anew = connected(blue, blue.ada, "blue", tmp_path)
    blue.pass_time(minutes=1)

    assert anew.lists() == 200


def unended(world: World, who: Person) -> None:
    """Their tokens have to end, and the cluster has not done it yet."""
    assert world.harbour.sandbox is not None
    world.harbour.sandbox.faults.add(Fault(resource="secrets", verb="delete", status=503, times=1))
    opened(world, who, "/k8s disconnect", "Not ended yet")
    world.clock.advance(seconds=20)


@contextmanager
def passing(world: World, ends_of: Person, **fault: Any) -> Iterator[Fault]:
    """The pass that ends tokens is held where it asks the cluster to end those of somebody."""
    assert world.harbour.sandbox is not None
    handle = service_account_name(ends_of.id, world.environment("blue").workspace_id)
    struck = world.harbour.sandbox.faults.add(Fault(resource="secrets", verb="delete", name=handle, hold=True, **fault))
    going = Thread(target=world.berth.uses.revocations.carry_out_due)
    going.start()
    assert struck.struck.wait(10)
    yield struck
    world.harbour.sandbox.faults.clear()
    going.join(10)
    assert not going.is_alive()


def test_a_pass_that_comes_late_does_not_end_what_was_given_since(blue: World, tmp_path: Path) -> None:
    blue.says(blue.ada, "/k8s share blue lin@harbour.example edit")
    for who in (blue.lin, blue.ada):
        connected(blue, who, "blue", tmp_path)
        unended(blue, who)

    with passing(blue, blue.lin, drop="before"):  # which has read by now that Ada's have to end too
        anew = connected(blue, blue.ada, "blue", tmp_path)
    blue.clock.advance(seconds=CACHED)

    assert anew.lists() == 200


def test_nobody_is_given_tokens_while_older_ones_are_being_ended(blue: World, tmp_path: Path) -> None:
    old = connected(blue, blue.ada, "blue", tmp_path)
    unended(blue, blue.ada)

    with passing(blue, blue.ada):
        said = text_of(opened(blue, blue.ada, "/k8s connect blue", "are being ended at this moment"))
    anew = connected(blue, blue.ada, "blue", tmp_path)
    blue.clock.advance(seconds=CACHED)

    assert "Try again" in said
    assert [one.lists() for one in (old, anew)] == [401, 200]


def test_what_is_asked_to_end_while_older_tokens_are_being_ended_ends_too(blue: World, tmp_path: Path) -> None:
    connected(blue, blue.ada, "blue", tmp_path)
    unended(blue, blue.ada)

    with passing(blue, blue.ada):
        opened(blue, blue.ada, "/k8s disconnect", "Not ended yet")
    blue.tick()

    with blue.berth.store.read() as records:
        assert records.grants.revocation(blue.environment("blue").workspace_id, blue.ada.id, "main") is None


def test_who_is_killed_while_ending_tokens_leaves_it_to_the_next(blue: World, tmp_path: Path) -> None:
    mine = connected(blue, blue.ada, "blue", tmp_path)
    unended(blue, blue.ada)
    with blue.berth.store.begin() as records:
        left = records.grants.revocation(blue.environment("blue").workspace_id, blue.ada.id, "main")
        assert left is not None
        left.claimed_until = blue.clock.now() + timedelta(minutes=1)  # by a process that is no more

    blue.restart()
    blue.pass_time(minutes=2)
    blue.clock.advance(seconds=CACHED)

    assert mine.lists() == 401


def test_everything_of_who_has_left_ends(blue: World, tmp_path: Path) -> None:
    blue.says(blue.ada, "/k8s share blue lin@harbour.example edit")
    blue.settle()
    lins, adas = (connected(blue, who, "blue", tmp_path) for who in (blue.lin, blue.ada))

    leaves(blue, blue.lin.id)
    blue.settle()
    blue.tick()
    blue.clock.advance(seconds=CACHED)

    assert (lins.lists(), adas.lists()) == (401, 200)
    assert subjects(blue, "berth-edit") == []
    with blue.berth.store.read() as records:
        assert records.grants.of_environment(blue.environment("blue").id) == []


def test_an_owner_who_has_left_is_bound_no_more(blue: World) -> None:
    leaves(blue, blue.ada.id)
    blue.settle()

    assert subjects(blue, OWNER_BINDING) == []


def test_where_subjects_count_whoever_has_not_linked_their_login_is_told_how(port: Harbour, tmp_path: Path) -> None:
    by_subject = {"access": "oidc", "oidc": {**OIDC["oidc"], "username_claim": "sub"}}
    clusters = [{"name": "main", **by_subject}]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        company.says(company.ada, "/k8s create blue")
        company.settle()

        said = text_of(opened(company, company.ada, "/k8s connect blue", "is not linked"))

        assert "/k8s link" in said
        assert subjects(company, OWNER_BINDING) == []


def leaves(world: World, person_id: str) -> None:
    """Slack says that somebody is deactivated, and what follows is written."""
    workspace = world.environment("blue").workspace_id
    with world.berth.store.begin() as records:
        person = records.people.get(workspace, person_id)
        assert person is not None
        person.is_deactivated = True
        world.berth.uses.revocations.end_everything_of(records, workspace, person_id, "was deactivated in Slack")


def subjects(world: World, binding: str) -> list[str]:
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.environment('blue').namespace}/rolebindings"
    found = {one["metadata"]["name"]: one for one in world.harbour.admin.call("GET", path)["items"]}
    return [one["name"] for one in found.get(binding, {}).get("subjects", [])]


@pytest.fixture
def dex(port: Harbour, tmp_path: Path) -> Any:
    """A company whose cluster knows people by an issuer."""
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=[{"name": "main", **OIDC}]) as found:
        found.says(found.ada, "/k8s create blue")
        found.settle()
        yield found


def test_by_an_issuer_there_is_no_secret_and_people_are_who_they_are_there(dex: World, tmp_path: Path) -> None:
    shown = kubeconfig_of(opened(dex, dex.ada, "/k8s connect blue", "apiVersion"))
    dex.says(dex.ada, "/k8s share blue team view")
    dex.settle()

    user = yaml.safe_load(shown)["users"][0]["user"]
    assert user["exec"]["args"][:2] == ["oidc-login", "get-token"]
    assert "token" not in user
    assert subjects(dex, OWNER_BINDING) == ["oidc:ada@harbour.example"]
    assert subjects(dex, VIEW_BINDING) == ["oidc:payments", "oidc:ada@harbour.example"]
    assert dex.harbour.admin.call("GET", f"/api/v1/namespaces/{HOME_NAMESPACE}/secrets")["items"] == []
    ada = signed_in(dex, ("oidc:ada@harbour.example",), shown, tmp_path)
    lin = signed_in(dex, ("oidc:lin@harbour.example", "oidc:payments"), shown, tmp_path)
    mio = signed_in(dex, ("oidc:mio@harbour.example", "oidc:search"), shown, tmp_path)
    assert [(one.lists(), one.lists("secrets")) for one in (ada, lin, mio)] == [(200, 200), (200, 403), (403, 403)]


def test_by_an_issuer_disconnect_says_where_the_login_is_ended(dex: World) -> None:
    said = text_of(opened(dex, dex.ada, "/k8s disconnect", "company's login"))

    assert "On main you come in by the company's login" in said
    assert "no kubeconfig" not in said
    assert said.rstrip().endswith("Your environments go on as they are.")


def test_by_an_issuer_too_nothing_is_left_of_who_has_left(dex: World) -> None:
    dex.says(dex.lin, "/k8s whoami")
    dex.says(dex.ada, "/k8s share blue team view")
    dex.settle()
    assert "oidc:lin@harbour.example" in subjects(dex, VIEW_BINDING)

    leaves(dex, dex.lin.id)
    dex.settle()

    assert subjects(dex, VIEW_BINDING) == ["oidc:payments", "oidc:ada@harbour.example"]


def test_whoami_says_by_which_names_each_cluster_knows_one(port: Harbour, tmp_path: Path) -> None:
    by_subject = OIDC["oidc"] | {"username_claim": "sub"}
    clusters = [
        {"name": "main"},
        {"name": "west", **OIDC},
        {"name": "east", **OIDC},
        {"name": "north", **OIDC, "oidc": by_subject},
    ]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, clusters=clusters) as company:
        said = text_of(company.says(company.ada, "/k8s whoami"))

    assert "`main`: you act as `system:serviceaccount:berth:" in said
    assert "`west`, `east`: by the login at `" in said
    assert "you are `oidc:ada@harbour.example`, in the groups that it tells, each as `oidc:GROUP`" in said
    assert "`north`: by the login at `" in said
    assert "you are whatever its claim `sub` says, which `/k8s link` lets me know" in said


def signed_in(world: World, names: tuple[str, ...], shown: str, directory: Path) -> Reach:
    """Somebody whom the API server knows by the issuer's token: the first name is theirs, the others their groups."""
    assert world.harbour.sandbox is not None
    name, *groups = names
    token = f"issued-to-{name}"
    world.harbour.sandbox.add_user(token, name, tuple(groups))
    config = yaml.safe_load(shown)
    config["users"][0]["user"] = {"token": token}
    return reach(yaml.safe_dump(config), directory)


def test_who_is_deactivated_while_they_connect_is_given_nothing_and_nothing_is_left(blue: World) -> None:
    blue.says(blue.ada, "/k8s share blue lin@harbour.example edit")
    blue.lin.does("reload")
    blue.says(blue.lin, "/k8s connect blue")  # it waits for the binding, which follows when the workers work
    until(lambda: account(blue, blue.lin.id), "the beginning")

    leaves(blue, blue.lin.id)
    blue.settle()
    blue.tick()
    # Which of these it is depends on how far the connect had come when its tokens were ended.
    refusals = ("ended while it was being made", "ended at this moment", "is not there yet")
    until(lambda: any(one in str(blue.lin.modals()) for one in refusals), "the refusal")
    blue.tick()

    handles = blue.harbour.admin.call("GET", f"/api/v1/namespaces/{HOME_NAMESPACE}/secrets")["items"]
    assert not [one for one in handles if blue.lin.id.lower() in one["metadata"]["name"]]
    assert not account(blue, blue.lin.id)


def account(world: World, person_id: str) -> bool:
    """Whether somebody may have a token."""
    environment = world.environment("blue")
    with world.berth.store.read() as records:
        return records.grants.account(environment.workspace_id, person_id, environment.cluster) is not None
