"""What is answered to admins who protect an environment, or end that."""

from bot.seams.slack import Message
from handlers.blocks import code, context, message, section
from handlers.call import Call
from handlers.grammar import Command
from handlers.ids import COMMAND


def protect(call: Call, command: Command) -> Message:
    """/k8s admin protect"""
    call.uses.admin.authorise(call.actor)
    row = call.uses.environments.named(call.actor, command.value("name"))
    reason = command.given.get("reason", "")
    found, changed = call.uses.protection.protect(call.actor, row.id, reason, call.source)
    if not changed:
        return message(f"{code(found.name)} is protected already.")
    text = f"{code(found.name)} is protected: it neither sleeps nor is deleted. Its owner is told."
    end = f"{code(f'{COMMAND} admin unprotect {found.name}')} ends that; until then not even an admin can delete it."
    return message(text, [section(text), context(end)])


def unprotect(call: Call, command: Command) -> Message:
    """/k8s admin unprotect"""
    call.uses.admin.authorise(call.actor)
    row = call.uses.environments.named(call.actor, command.value("name"))
    found, changed = call.uses.protection.unprotect(call.actor, row.id, call.source)
    if not changed:
        return message(f"{code(found.name)} was not protected.")
    return message(
        f"{code(found.name)} is protected no more. What time does to it is warned of first; its owner is told."
    )
