"""Who may do what to an environment: one table and one function, asked at the moment of acting.

Being in a channel is never authority; neither is holding a button.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bot.rules.actors import Actor
from bot.rules.words import AccessLevel, Role


class Action(StrEnum):
    """What a person can do to an environment."""

    VIEW = "view"
    SLEEP = "sleep"
    WAKE = "wake"
    EXTEND = "extend"
    DELETE = "delete"
    CONNECT = "connect"
    EXEMPT = "exempt"
    SCHEDULE = "schedule"
    SHARE = "share"
    TRANSFER = "transfer"
    RESIZE = "resize"


class Relation(StrEnum):
    """What a person is to an environment. One may be several of these."""

    OWNER = "its owner"
    LEAD = "a lead of its team"
    ADMIN = "an admin"
    EDITOR = "somebody it is shared with to edit"
    TEAMMATE = "a member of its team"
    VIEWER = "somebody it is shared with to view"
    STRANGER = "anybody else"


class Belonging(Protocol):
    """Whose an environment is."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def workspace_id(self) -> str:
        """The workspace that it is in."""

    @property
    def owner_id(self) -> str:
        """Its owner's Slack id."""

    @property
    def team(self) -> str | None:
        """The name of its team."""


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, by which rule, and what to do instead."""

    allowed: bool
    rule: str
    instead: str = ""


_RESPONSIBLE: Final = frozenset({Relation.OWNER, Relation.LEAD, Relation.ADMIN})
_WORKING: Final = _RESPONSIBLE | {Relation.EDITOR}
_SEEING: Final = frozenset(Relation) - {Relation.STRANGER}

MAY: Final[Mapping[Action, frozenset[Relation]]] = {
    Action.VIEW: _SEEING,
    Action.SLEEP: _WORKING,
    Action.WAKE: _WORKING,
    Action.EXTEND: _WORKING,
    Action.SCHEDULE: _WORKING,
    Action.EXEMPT: _RESPONSIBLE,
    Action.RESIZE: _RESPONSIBLE,
    Action.SHARE: _RESPONSIBLE,
    Action.TRANSFER: _RESPONSIBLE,
    Action.DELETE: _RESPONSIBLE,
    # An admin's own way into a cluster is not Berth's business, and into an environment it is being shared with.
    Action.CONNECT: frozenset({Relation.OWNER, Relation.EDITOR, Relation.VIEWER}),
}


_DOING: Final[Mapping[Action, str]] = {
    Action.VIEW: "see it",
    Action.SLEEP: "put it to sleep",
    Action.WAKE: "wake it",
    Action.EXTEND: "extend it",
    Action.DELETE: "delete it",
    Action.CONNECT: "connect to it",
    Action.EXEMPT: "exempt it from sleep",
    Action.SCHEDULE: "settle its working hours",
    Action.SHARE: "share it",
    Action.TRANSFER: "give it to somebody else",
    Action.RESIZE: "resize it",
}
_SHARED: Final[Mapping[AccessLevel, Relation]] = {
    AccessLevel.EDIT: Relation.EDITOR,
    AccessLevel.VIEW: Relation.VIEWER,
}


def relations(actor: Actor, environment: Belonging) -> frozenset[Relation]:
    """Everything that the actor is to an environment. What is of another workspace is always a stranger's."""
    return frozenset(_relations(actor, environment)) or frozenset({Relation.STRANGER})


def _relations(actor: Actor, environment: Belonging) -> Iterator[Relation]:
    if environment.workspace_id != actor.workspace_id:
        return
    if actor.id == environment.owner_id:
        yield Relation.OWNER
    if actor.role is Role.ADMIN:
        yield Relation.ADMIN
    role = actor.teams.get(environment.team) if environment.team is not None else None
    if role is not None:
        yield Relation.LEAD if role is Role.LEAD else Relation.TEAMMATE
    if environment.id in actor.shares:
        yield _SHARED[actor.shares[environment.id]]


def may(actor: Actor, action: Action, environment: Belonging) -> Decision:
    """Whether `actor` may do `action` to `environment` now."""
    allowed = MAY[action]
    *most, last = [relation.value for relation in Relation if relation in allowed]
    names = f"{', '.join(most)} or {last}" if most else last
    rule = f"only {names} may {_DOING[action]}"
    if relations(actor, environment) & allowed:
        return Decision(True, rule)
    return Decision(False, rule, "Ask its owner")


def may_administer(actor: Actor) -> Decision:
    """Whether `actor` may do what is for all environments at once."""
    return Decision(actor.role is Role.ADMIN, "only admins may do that", "Ask an admin")


def table() -> str:
    """The table of actions and relations, as Markdown, for those who sign it off."""
    heads = [relation.value for relation in Relation]
    rows = [[action.value, *("yes" if one in MAY[action] else "" for one in Relation)] for action in MAY]
    lines = [["", *heads], ["---"] * (len(heads) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
