"""When somebody counts as gone, so that what they had must not stay open: a decision over what Slack says of them.

What merely keeps a person from being known, as an e-mail that Slack does not tell, is no leaving: it is mended by an
admin, and nobody's environments may fall asleep for it.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Presence:
    """What Slack says of a member's standing in the workspace."""

    is_known: bool = True
    is_deactivated: bool = False
    is_guest: bool = False
    is_stranger: bool = False


def left_workspace(presence: Presence) -> str:
    """Why somebody is no full member any more, to be said after their name; empty for who is."""
    if not presence.is_known:
        return "is no longer in this workspace"
    if presence.is_deactivated:
        return "was deactivated in Slack"
    if presence.is_stranger:
        return "belongs to another workspace"
    return "became a guest" if presence.is_guest else ""


def left_team(team: str | None, of_person: Collection[str], configured: Collection[str]) -> str:
    """Why the owner of an environment of `team` has left it, likewise. A team that is no more was left by nobody."""
    if team is None or team in of_person or team not in configured:
        return ""
    return f"left team {team}"
