"""The watch over walls and access: what somebody changed by hand of what Berth made is put back, and told.

One list a kind for the whole cluster, however many environments there are; pages are compared as they come and dropped.
This pass changes nothing on a cluster. It writes what has to be put back, and the news of it, in one transaction; the
workers do the rest, and until they have, the same is not told again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.reconcile.voice import Saying, Voice
from bot.reconcile.walls_seen import Findings, Look
from bot.rules.catalogue import Catalogue
from bot.rules.walls import Change
from bot.rules.words import BERTH
from bot.seams.cluster import ClusterError, Clusters
from bot.usecases import intents
from bot.usecases.apart import apart
from bot.usecases.directory import directory
from bot.usecases.holders import bound, change_access, holding, written
from bot.usecases.intents import Deed
from bot.usecases.responsible import Responsible
from bot.usecases.source import TIME
from store.database import Store
from store.environments import Standing
from store.records import Records
from store.tables import AccessGrant, Environment, Notice

log = structlog.get_logger()

_AT_ONCE: Final = 50  # environments that are written and told of together
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
_SHOWN: Final = 20  # environments that one message to admins names


@dataclass(frozen=True)
class Drift:
    """The pass."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock

    def look_at_all(self) -> int:
        """Look at every cluster; in how many environments something has to be put back, or access has changed."""
        found = 0
        for name in self.clusters:
            with apart("what a cluster shows cannot be understood", cluster=name):
                try:
                    found += self._look_at(name)
                except ClusterError as error:
                    unseen = "cluster cannot be read, so nobody sees what drifts on it"
                    log.warning(unseen, cluster=name, error=str(error))
        return found

    def follow_people(self) -> int:
        """Let bindings follow what is known of people now, on every cluster, of whatever is awake, asleep or between.

        From the store alone. A look does it too, of what stands still; this is for when many may have changed at once.
        """
        found = 0
        for name in self.clusters:
            with self.store.read() as records:
                known = records.environments.standing(name, busy=True)
            found += len(self._follow(name, [one for one in known if one.bound]))
        return found

    def _look_at(self, cluster: str) -> int:
        begun = self.clock.now()
        with self.store.read() as records:
            standing = records.environments.standing(cluster)
        if not standing:
            return 0
        moved = self._follow(cluster, standing)
        still = [one for one in standing if one.id not in moved]
        found = [one for one in Look(self.clusters[cluster], self.catalogue, still).findings() if one.is_news]
        written = 0
        for first in range(0, len(found), _AT_ONCE):
            written += self._write(found[first : first + _AT_ONCE], begun)
        return len(moved) + written

    def _follow(self, cluster: str, standing: Sequence[Standing]) -> frozenset[str]:
        """Those whose bindings should name others than they do: somebody joined or left a team, or may not any more."""
        now = self.clock.now()
        with self.store.read() as records:
            granted: dict[str, list[AccessGrant]] = defaultdict(list)
            for grant in holding(records.grants.on_cluster(cluster), now):
                granted[grant.environment_id].append(grant)
            workspaces = {one.workspace_id for one in standing}
            known = {each: directory(records, self.catalogue, self.clock, each) for each in workspaces}
        moved = [
            one.id
            for one in standing
            if written(bound(self.catalogue, one, granted[one.id], known[one.workspace_id])) != list(one.bound)
        ]
        for environment_id in moved:
            with self.store.begin() as records:
                environment = records.environments.lock(environment_id)
                if environment is not None:
                    change_access(environment, now)
        return frozenset(moved)

    def _write(self, found: Sequence[Findings], begun: datetime) -> int:
        """Write and tell what was found, of those that nobody has touched since; how many have to be mended."""
        # What another process has released is dated by another clock.
        before = begun - (self.clock.lasting(_CLOCKS_DIFFER) if self.store.is_shared else timedelta())
        with self.store.begin() as records:
            held = [(one, records.environments.lock(one.standing.id)) for one in found]
            still = [(one, row) for one, row in held if row is not None and _is_untouched(row, before)]
            for one, row in still:
                self._take(records, row, one)
            told = [_facts(one) for one, _ in still if one.changes or _new(one)]
            if told:
                self._tell_admins(records, still[0][1], told)
            return sum(bool(one.changes) for one, _ in still)

    def _take(self, records: Records, environment: Environment, found: Findings) -> None:
        now = self.clock.now()
        if found.changes:
            environment.mend = [*environment.mend, *dict.fromkeys(change.word for change in found.changes)]
            environment.due_at = now
        new, environment.added = _new(found), sorted(found.added)
        if not found.changes and not new:
            return
        reason = "; ".join([*(f"{one.kind} {one.name}: {one.what}" for one in found.changes), *new])
        intents.audit_change(records, environment, ({}, {}), Deed("find drift", BERTH, TIME, now, reason[:2000]))
        facts = {"cluster": environment.cluster, "environments": [_facts(found)], "left": 0}
        key = f"drift:{environment.id}:{_digest(found, now)}"
        Voice(self.catalogue, self.clock).say(records, environment, Saying(key, "drift", facts))

    def _tell_admins(self, records: Records, first: Environment, told: Sequence[dict[str, Any]]) -> None:
        now = self.clock.now()
        facts = {"cluster": first.cluster, "environments": told[:_SHOWN], "left": max(0, len(told) - _SHOWN)}
        told_as_owner = [first.owner_id, first.owner_email] if len(told) == 1 else []
        for admin in Responsible(self.catalogue, self.clock, records, first.workspace_id).admins(told_as_owner):
            records.notices.say(
                Notice(
                    key=f"drifts:{first.cluster}:{now.isoformat()}:{first.id}:{admin}",
                    workspace_id=first.workspace_id,
                    kind="drift",
                    facts=facts,
                    recipients=[admin],
                    created_at=now,
                    due_at=now,
                )
            )


def _is_untouched(environment: Environment, before: datetime) -> bool:
    """Whether nobody is about to work on it, or has done so after an instant."""
    busy = environment.due_at is not None or environment.claimed_by is not None
    return not busy and (environment.released_at is None or environment.released_at <= before)


def _new(found: Findings) -> list[str]:
    return [told for key, told in sorted(found.added.items()) if key not in found.standing.added]


def _facts(found: Findings) -> dict[str, Any]:
    return {
        "id": found.standing.id,
        "name": found.standing.name,
        "owner_id": found.standing.owner_id,
        "restored": [_told(change) for change in found.changes],
        "added": _new(found),
    }


def _told(change: Change) -> dict[str, str]:
    what = f"{change.kind} {change.name}".strip()
    return {"what": what, "change": change.what, "by": change.by, "at": change.at}


def _digest(found: Findings, now: datetime) -> str:
    """What makes this news another than the last: the versions found, or for what is gone the moment."""
    parts = [f"{change.word}@{change.version or now.isoformat()}" for change in found.changes]
    return sha256("\n".join([*parts, *sorted(found.added)]).encode()).hexdigest()[:16]
