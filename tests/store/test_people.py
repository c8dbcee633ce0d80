"""People, who they are on clusters, and their deliveries."""

from datetime import datetime
from typing import Any

from bot.rules.words import AccessLevel
from store.columns import EVER
from store.database import Store
from store.people import team_subject
from store.tables import AccessGrant, ClusterUser, Person
from tests.store.rows import LEASE, MOMENT, NOON, at_once, environment


def test_what_slack_says_of_a_person_replaces_what_it_said_before(store: Store) -> None:
    for name in ("Ada", "Ada Lovelace"):
        with store.begin() as records:
            records.people.keep(_person(name=name))

    with store.read() as records:
        found = records.people.get("T1", "U1")
        assert found is not None
        assert found.name == "Ada Lovelace"


def test_two_first_commands_of_one_person_at_once_both_succeed(store: Store) -> None:
    def keep(number: int) -> None:
        with store.begin() as records:
            records.people.keep(_person(name=f"Ada {number}"))
            records.people.keep_cluster_user(_cluster_user("main"))

    at_once(10, keep)

    with store.read() as records:
        assert records.people.get("T1", "U1") is not None
        assert records.people.cluster_user("T1", "U1", "main") is not None


def test_who_is_to_be_looked_at_again_is_due_and_no_longer_fresh(store: Store) -> None:
    with store.begin() as records:
        records.people.keep(_person())
        records.people.keep(_person(id="U2", check_at=NOON + MOMENT))
    with store.begin() as records:
        records.people.look_again("T1", "U1")
        records.people.look_again("T1", "never seen")

    with store.read() as records:
        found = records.people.get("T1", "U1")
        assert found is not None
        assert found.fetched_at == EVER
        assert [person.id for person in records.people.to_check(NOON, 5)] == ["U1"]
        assert [person.id for person in records.people.to_check(NOON + MOMENT, 5)] == ["U1", "U2"]
        assert [person.id for person in records.people.to_check(NOON + MOMENT, 1)] == ["U1"]


def test_a_person_is_somebody_else_on_every_cluster(store: Store) -> None:
    with store.begin() as records:
        for cluster in ("main", "gpu"):
            records.people.keep_cluster_user(_cluster_user(cluster))

    with store.read() as records:
        found = records.people.cluster_user("T1", "U1", "gpu")
        assert found is not None
        assert found.service_account == "ada-gpu"
        assert records.people.cluster_user("T2", "U1", "gpu") is None


def test_a_subject_has_one_grant_on_an_environment_the_newest(store: Store) -> None:
    with store.begin() as records:
        blue = records.environments.add(environment("blue"))
        for access in AccessLevel:
            records.people.grant(_grant(blue.id, "U1", access))

    with store.read() as records:
        assert [grant.access for grant in records.people.grants(blue.id)] == [AccessLevel.EDIT]


def test_what_is_shared_with_a_person_or_their_team_is_the_most_of_both_while_it_holds(store: Store) -> None:
    with store.begin() as records:
        names = ("both", "past", "team", "other")
        both, past, team, other = (records.environments.add(environment(name)).id for name in names)
        records.people.grant(_grant(both, "U1", AccessLevel.EDIT))
        records.people.grant(_grant(both, team_subject("payments"), AccessLevel.VIEW))
        records.people.grant(_grant(past, "U1", AccessLevel.EDIT, NOON))
        records.people.grant(_grant(team, team_subject("payments"), AccessLevel.VIEW, NOON + MOMENT))
        records.people.grant(_grant(other, "U2", AccessLevel.EDIT))

    with store.read() as records:
        found = records.people.shares(["U1", team_subject("payments")], NOON)

    assert found == {both: AccessLevel.EDIT, team: AccessLevel.VIEW}


def test_a_delivery_comes_for_the_first_time_once(store: Store) -> None:
    with store.begin() as records:
        assert records.people.first_delivery("trigger-1", NOON)
        assert not records.people.first_delivery("trigger-1", NOON)
        assert records.people.first_delivery("trigger-2", NOON)
    with store.begin() as records:
        assert not records.people.first_delivery("trigger-1", NOON)


def test_of_one_delivery_arriving_many_times_at_once_one_is_the_first(store: Store) -> None:
    def arrive(_number: int) -> bool:
        with store.begin() as records:
            return records.people.first_delivery("trigger", NOON)

    assert sum(at_once(20, arrive)) == 1


def test_a_delivery_whose_handling_failed_comes_for_the_first_time_again(store: Store) -> None:
    try:
        with store.begin() as records:
            assert records.people.first_delivery("trigger", NOON)
            raise TimeoutError
    except TimeoutError:
        pass

    with store.begin() as records:
        assert records.people.first_delivery("trigger", NOON)


def test_old_deliveries_are_dropped_and_young_ones_kept(store: Store) -> None:
    with store.begin() as records:
        records.people.first_delivery("old", NOON - LEASE - MOMENT)
        records.people.first_delivery("young", NOON - LEASE)
        records.people.forget_deliveries(NOON - LEASE)

    with store.begin() as records:
        assert records.people.first_delivery("old", NOON)
        assert not records.people.first_delivery("young", NOON)


def _grant(environment_id: str, subject: str, access: AccessLevel, until: datetime | None = None) -> AccessGrant:
    return AccessGrant(
        environment_id=environment_id,
        subject=subject,
        access=access,
        granted_by="U9",
        granted_at=NOON,
        expires_at=until,
    )


def _cluster_user(cluster: str) -> ClusterUser:
    return ClusterUser(
        workspace_id="T1", person_id="U1", cluster=cluster, service_account=f"ada-{cluster}", created_at=NOON
    )


def _person(**different: Any) -> Person:
    told: dict[str, Any] = {"workspace_id": "T1", "id": "U1", "home_workspace_id": "T1", "name": "Ada"}
    return Person(**told | {"fetched_at": NOON} | different)
