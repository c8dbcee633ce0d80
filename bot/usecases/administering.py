"""What every deed of an admin has in common: who may, whom they mean, and that those concerned are told."""

from collections.abc import Mapping
from typing import Any

from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.membership import who_administers
from bot.rules.permissions import may_administer
from bot.rules.selection import Selection
from bot.usecases.intents import Deed
from bot.usecases.refusal import Refusal
from store.records import Records
from store.tables import AuditEvent, Environment, Notice


def authorise(actor: Actor, catalogue: Catalogue) -> None:
    """Raises Refusal, naming who may, for whoever is no admin."""
    decision = may_administer(actor)
    if not decision.allowed:
        raise Refusal(
            f"That is for everybody's environments, and {decision.rule}",
            f"{decision.instead}: {who_administers(catalogue)}.",
        )


def owner_ids(records: Records, workspace_id: str, typed: str) -> frozenset[str]:
    """The ids of those owners of living environments whom a mention, name or e-mail means. Raises Refusal for none."""
    meant = typed.casefold().strip("<>").removeprefix("@").partition("|")[0]
    found = {
        owner
        for owner, email, name in records.fleet.people(workspace_id)
        if meant in (owner.casefold(), email.casefold(), email.casefold().partition("@")[0], name.casefold())
    }
    if not found:
        raise Refusal(f"Nobody called “{typed}” owns an environment there", "Give a name, an e-mail or a mention.")
    return frozenset(found)


def resolved(records: Records, workspace_id: str, selection: Selection) -> Selection:
    """The same with its owner's id. Raises Refusal for nobody, and for several people of one name."""
    if selection.owner is None:
        return selection
    owners = sorted(owner_ids(records, workspace_id, selection.owner))
    if len(owners) > 1:
        raise Refusal(f"“{selection.owner}” is the name of several people", "Mention one, or give an e-mail.")
    return selection.owned_by(owners[0])


def note(records: Records, actor: Actor, deed: Deed, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """An audit event of what concerns no single environment."""
    records.audit.add(
        AuditEvent(
            at=deed.now,
            workspace_id=actor.workspace_id,
            actor=deed.by,
            action=deed.action,
            before=dict(before),
            after=dict(after),
            reason=deed.reason,
            source_kind=deed.source.kind,
            source_channel=deed.source.channel_id,
            source_message=deed.source.message_ts,
            source_request=deed.source.request_id or None,
        )
    )


def tell_owner(records: Records, environment: Environment, deed: Deed, **facts: Any) -> None:
    """Let the owner hear what an admin did to their environment; who did it to their own knows."""
    if deed.by == environment.owner_id:
        return
    records.notices.say(
        Notice(
            key=f"deed:{deed.action}:{environment.id}:{deed.now.isoformat()}",
            workspace_id=environment.workspace_id,
            environment_id=environment.id,
            kind="deed",
            facts={
                "environment_id": environment.id,
                "name": environment.name,
                "deed": deed.action,
                "by": deed.by,
                "reason": deed.reason,
                **facts,
            },
            recipients=[environment.owner_id],
            created_at=deed.now,
            due_at=deed.now,
        )
    )
