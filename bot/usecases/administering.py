"""What every deed of an admin has in common: who may, whom they mean, and that those concerned are told."""

from collections.abc import Mapping
from typing import Any, Protocol

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.permissions import may_administer
from bot.rules.selection import Selection
from bot.usecases.colleagues import mentioned, only
from bot.usecases.intents import Deed
from bot.usecases.news import about
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from store.database import Store
from store.records import Records
from store.tables import AuditEvent, Environment


class Knowing(Protocol):
    """A use case that can look up who is an admin."""

    @property
    def store(self) -> Store:
        """Where people are known from."""

    @property
    def catalogue(self) -> Catalogue:
        """What berth.yaml says."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


def authorise(actor: Actor, uses: Knowing, what: str = "That is for everybody's environments") -> None:
    """Raises Refusal, naming who may, for whoever is no admin."""
    decision = may_administer(actor)
    if not decision.allowed:
        with uses.store.read() as records:
            admins = Responsible(uses.catalogue, uses.clock, records, actor.workspace_id).named_admins()
        raise Refusal(f"{what}, and {decision.rule}", f"{decision.instead}: {admins}.")


def resolved(records: Records, workspace_id: str, selection: Selection) -> Selection:
    """The same with its owner's id. Raises Refusal for nobody, and for several people of one name."""
    if selection.owner is None:
        return selection
    typed = selection.owner
    owner = only(typed, _owners(records, workspace_id, mentioned(typed) or typed.removeprefix("@")))
    if owner is None:
        raise Refusal(f"Nobody called “{typed}” owns an environment there", "Give a name, an e-mail or a mention.")
    return selection.owned_by(owner)


def _owners(records: Records, workspace_id: str, meant: str) -> list[str]:
    """The ids of those owners of living environments who have this id, name or e-mail, or one that begins so."""
    found = {
        owner
        for owner, email, name in records.fleet.people(workspace_id)
        if meant.casefold() in (owner.casefold(), email.casefold(), email.casefold().partition("@")[0], name.casefold())
    }
    return sorted(found)


def note(
    records: Records,
    actor: Actor,
    deed: Deed,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    whom: str | None = None,
) -> None:
    """An audit event of what concerns no single environment. `whom`: the id of the person it was done to."""
    records.audit.add(
        AuditEvent(
            at=deed.now,
            workspace_id=actor.workspace_id,
            actor=deed.by,
            action=deed.action,
            person_id=whom if whom != deed.by else None,
            before=dict(before),
            after=dict(after),
            reason=deed.reason,
            **deed.source.columns(),
        )
    )


def tell_owner(records: Records, environment: Environment, deed: Deed, **facts: Any) -> None:
    """Let the owner hear what an admin did to their environment; who did it to their own knows."""
    if deed.by == environment.owner_id:
        return
    key = f"deed:{deed.action}:{environment.id}:{deed.now.isoformat()}"
    known = {"environment_id": environment.id, "name": environment.name}
    done = {"deed": deed.action, "by": deed.by, "reason": deed.reason, **facts}
    records.notices.say(about(environment, key, "deed", known | done, [environment.owner_id], deed.now))
