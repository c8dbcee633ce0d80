"""Who may do what: every actor, action and relation, said a second time and by other words than the rules' own."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.rules.actors import Actor
from bot.rules.permissions import Action, Relation, may, may_administer, relations, table
from bot.rules.words import AccessLevel, Role

README = Path(__file__).parent.parent.parent / "README.md"


@dataclass(frozen=True)
class Blue:
    """An environment of Ada's in team payments."""

    id: str = "blue"
    workspace_id: str = "T1"
    owner_id: str = "UADA"
    team: str | None = "payments"


NOBODY = Actor("T1", "UELSE", "else@harbour.example", "Else", "UTC", Role.MEMBER, None)
ACTORS = {
    "owner": replace(NOBODY, id="UADA"),
    "lead": replace(NOBODY, role=Role.LEAD, teams={"payments": Role.LEAD}),
    "admin": replace(NOBODY, role=Role.ADMIN),
    "editor": replace(NOBODY, shares={"blue": AccessLevel.EDIT}),
    "teammate": replace(NOBODY, teams={"payments": Role.MEMBER}),
    "viewer": replace(NOBODY, shares={"blue": AccessLevel.VIEW}),
    "stranger": NOBODY,
    "lead of another team": replace(NOBODY, role=Role.LEAD, teams={"payments": Role.MEMBER, "search": Role.LEAD}),
    "editor of another": replace(NOBODY, shares={"green": AccessLevel.EDIT}),
    "same id elsewhere": replace(NOBODY, workspace_id="T2", id="UADA"),
    "admin elsewhere": replace(NOBODY, workspace_id="T2", role=Role.ADMIN),
}
# One letter an action, in this order; a dot where it is refused.
ORDER = "View Sleep Wake Extend sChedule eXempt Resize sHare Transfer Delete coNnect"
TABLE = {
    "owner": "VSWECXRHTDN",
    "lead": "VSWECXRHTD.",
    "admin": "VSWECXRHTD.",
    "editor": "VSWEC.....N",
    "teammate": "V..........",
    "viewer": "V.........N",
    "stranger": "...........",
    "lead of another team": "V..........",
    "editor of another": "...........",
    "same id elsewhere": "...........",
    "admin elsewhere": "...........",
}


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("action", Action)
def test_each_actor_may_do_what_the_table_says_and_nothing_else(who: str, action: Action) -> None:
    column = [word.lower() for word in ORDER.split()].index(action)

    decision = may(ACTORS[who], action, Blue())

    assert decision.allowed is (TABLE[who][column] != ".")
    assert bool(decision.instead) is not decision.allowed


def test_who_is_several_things_may_do_what_any_of_them_may() -> None:
    both = replace(ACTORS["lead"], shares={"blue": AccessLevel.VIEW})

    assert relations(both, Blue()) == {Relation.LEAD, Relation.VIEWER}
    assert may(both, Action.CONNECT, Blue()).allowed
    assert may(both, Action.DELETE, Blue()).allowed


def test_an_environment_without_a_team_is_no_team_s() -> None:
    assert not may(ACTORS["lead"], Action.VIEW, Blue(team=None)).allowed
    assert not may(replace(NOBODY, teams={"": Role.LEAD}), Action.VIEW, Blue(team=None)).allowed


def test_only_admins_administer() -> None:
    assert [who for who, actor in ACTORS.items() if may_administer(actor).allowed] == ["admin", "admin elsewhere"]


def test_a_refusal_names_who_may() -> None:
    assert may(NOBODY, Action.CONNECT, Blue()).rule == (
        "only its owner, somebody it is shared with to edit or somebody it is shared with to view may connect to it"
    )


def test_the_readme_has_the_table() -> None:
    assert table() in README.read_text()
