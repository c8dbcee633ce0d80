"""Who has access to an environment on its cluster: its owner, and whom it is shared with, as subjects of its bindings.

Worked out anew whenever it is asked for, from the grants that hold and from what is known of people now. Whoever has
left the workspace is nobody's subject, and neither is a colleague of whom nothing proves who they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from bot.clock import Clock
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import Belonging
from bot.rules.subjects import Holder, Subject, groups_of, key_of, subject_of
from bot.rules.words import EDIT_BINDING, OWNER_BINDING, VIEW_BINDING, AccessLevel
from bot.usecases.directory import Directory, directory
from store.grants import team_of
from store.records import Records
from store.tables import AccessGrant, Environment

BINDINGS: Final[Mapping[AccessLevel, str]] = {AccessLevel.EDIT: EDIT_BINDING, AccessLevel.VIEW: VIEW_BINDING}

Bound = Mapping[str, Sequence[Subject]]
"""The subjects of each binding, by its name; sorted, and empty for one that is not to be."""


class Owned(Belonging, Protocol):
    """Whose an environment is, and where."""

    @property
    def owner_email(self) -> str:
        """Its owner's e-mail, as it was when they made it."""

    @property
    def cluster(self) -> str:
        """The cluster's name."""


def bound(catalogue: Catalogue, environment: Owned, grants: Iterable[AccessGrant], known: Directory) -> Bound:
    """The subjects of an environment's bindings, by grants that hold.

    Raises KeyError for a cluster that is no longer configured.
    """
    oidc = catalogue.cluster(environment.cluster).oidc
    found: dict[str, dict[str, Subject]] = {OWNER_BINDING: {}, EDIT_BINDING: {}, VIEW_BINDING: {}}

    def add(binding: str, *subjects: Subject | None) -> None:
        found[binding].update({key_of(subject): subject for subject in subjects if subject is not None})

    if not known.gone(environment.owner_id):
        add(OWNER_BINDING, subject_of(_owner(environment, known), oidc))
    for grant in grants:
        binding, team = BINDINGS[grant.access], team_of(grant.subject)
        if team is not None:
            add(binding, *groups_of(team, catalogue.team(team), oidc))
        add(binding, *(subject_of(holder, oidc) for holder in _holders(grant, known)))
    return {name: [subjects[key] for key in sorted(subjects)] for name, subjects in found.items()}


def bound_of(records: Records, catalogue: Catalogue, clock: Clock, environment: Environment) -> Bound:
    """The same for one environment, with all that it takes. Raises KeyError."""
    grants = holding(records.grants.of_environment(environment.id), clock.now())
    by_team = any(team_of(grant.subject) is not None for grant in grants)
    ids = None if by_team else {environment.owner_id, *(grant.subject for grant in grants)}
    known = directory(records, catalogue, clock, environment.workspace_id, ids)
    return bound(catalogue, environment, grants, known)


def holding(grants: Iterable[AccessGrant], now: datetime) -> list[AccessGrant]:
    """Those whose time is not over."""
    return [grant for grant in grants if grant.expires_at is None or grant.expires_at > now]


def written(subjects: Bound) -> list[str]:
    """The bindings as `Environment.bound` keeps them: a word for each subject, `berth-view User/oidc:ada@…`."""
    return [f"{name} {key_of(subject)}" for name, some in sorted(subjects.items()) for subject in some]


def change_access(environment: Environment, now: datetime) -> None:
    """Say that who has access has changed: the bindings follow, whatever the environment is doing."""
    environment.access_wanted += 1
    environment.due_at = now


def _owner(environment: Owned, known: Directory) -> Holder:
    """Its owner as they are now, or while nothing proves who they are, as they were when they made it."""
    link = known.links.get(environment.owner_id)
    proven = (link.issuer, link.subject) if link is not None else ("", "")
    earlier = Holder(environment.workspace_id, environment.owner_id, environment.owner_email.lower(), *proven)
    return known.holder(environment.owner_id) or earlier


def _holders(grant: AccessGrant, known: Directory) -> Sequence[Holder]:
    team = team_of(grant.subject)
    if team is not None:
        return known.members(team)
    holder = known.holder(grant.subject)
    return [holder] if holder is not None else []
