"""Members of whom nothing proves any more who they are on the clusters: an e-mail, a mapping or a rule has changed.

That is no leaving, for it is mended: no share of theirs ends, and nothing of theirs falls asleep for it. Bindings leave
them out until then, but for that of what they own. They are told once, in the transaction that finds it out.
"""

from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.words import BERTH, Phase
from bot.usecases.holders import change_access, holding
from bot.usecases.identities import Identities, Known
from bot.usecases.people import unproven
from bot.usecases.revocations import Revocations
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import AuditEvent, LostIdentity, Notice, Person


@dataclass(frozen=True)
class LostIdentities:
    """What follows from a look at a person, as far as it is about who they are."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    revocations: Revocations

    def follow(self, records: Records, person: Person, *, gone: bool) -> None:
        """Note whether it is proven who somebody is; of whoever has left nothing is left to be proven."""
        known = Identities(self.store, self.catalogue, self.clock).within(records, person)
        if gone:
            records.identities.find(person.workspace_id, person.id)
        elif known.actor is None or known.is_taken:
            self._lost(records, known)
        else:
            self._found(records, known.actor)

    def _lost(self, records: Records, known: Known) -> None:
        person, now = known.person, self.clock.now()
        held = sorted(records.identities.held_by(person.workspace_id, person.id))
        grants = holding(records.grants.of_person(person.workspace_id, person.id), now)
        shared = [records.environments.get(grant.environment_id) for grant in grants]
        owned = records.environments.living(person.workspace_id, owner_id=person.id)
        key = f"unproven:{person.id}:{now.isoformat()}"
        lost = LostIdentity(workspace_id=person.workspace_id, person_id=person.id, since=now, notice_key=key)
        if not (held or grants or owned) or not records.identities.lose(lost):
            return
        self.revocations.name_anew(records, person.workspace_id, person.id)
        because, how = unproven(known, self.catalogue)
        event = self._event(person, "lose identity")
        event.before, event.reason = {"email": ", ".join(held)}, _of_them(because)
        records.audit.add(event)
        facts: dict[str, Any] = {
            "because": because,
            "how": how,
            "shared": [{"name": one.name, "owner_id": one.owner_id} for one in shared if one is not None],
            "environments": [{"name": one.name} for one in owned],
            "found": None,
        }
        records.notices.say(
            Notice(
                key=key,
                workspace_id=person.workspace_id,
                kind="unproven",
                facts=facts,
                recipients=[person.id],
                created_at=now,
                due_at=now,
            )
        )

    def _found(self, records: Records, actor: Actor) -> None:
        lost, now = records.identities.find(actor.workspace_id, actor.id), self.clock.now()
        if lost is None:
            return
        for environment_id in sorted(actor.shares):
            environment = records.environments.lock(environment_id)
            if environment is not None and environment.phase is not Phase.DELETED:
                change_access(environment, now)
        event = self._event(actor, "find identity again")
        event.after = {"email": actor.email}
        records.audit.add(event)
        records.notices.change(lost.notice_key, now, {"found": {"email": actor.email, "at": now.isoformat()}})

    def _event(self, whom: Person | Actor, action: str) -> AuditEvent:
        return AuditEvent(
            at=self.clock.now(),
            workspace_id=whom.workspace_id,
            actor=BERTH,
            action=action,
            person_id=whom.id,
            **TIME.columns(),
        )


def _of_them(because: str) -> str:
    """What is told to somebody about themselves, as it is told to others."""
    them = because.replace("your ", "their ").replace("who you are", "who they are")
    return them.replace("You would be", "They would be")
