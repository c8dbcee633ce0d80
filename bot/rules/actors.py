"""Who is doing it now, as every decision about permission needs to know them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.rules.catalogue import Team
from bot.rules.words import AccessLevel, Role


@dataclass(frozen=True)
class Actor:
    """Who is doing it now, judged anew with every command, click and form.

    `team` is the one that new environments belong to, `teams` the role in each of them by name, `role` the highest that
    they have anywhere. `shares` says to which environments of others, by id, they were given access that still holds.
    """

    workspace_id: str
    id: str
    email: str
    name: str
    tz: str
    role: Role
    team: Team | None
    teams: Mapping[str, Role] = field(default_factory=dict)
    shares: Mapping[str, AccessLevel] = field(default_factory=dict)
