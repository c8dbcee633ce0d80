"""Who somebody is, as an admin settles it: `/k8s admin map` and `/k8s admin unmap`."""

from bot.rules.words import Role
from bot.usecases import mappings
from bot.usecases.mappings import Mapped
from handlers.blocks import View, code, context, escape, person, section
from handlers.call import Call, Modal
from handlers.environments.forms import loading
from handlers.grammar import Command
from handlers.ids import COMMAND


def map_(call: Call, command: Command) -> Modal:
    """/k8s admin map"""
    mappings.authorise(call.actor, call.uses.mappings)
    whom, address = command.value("colleague"), command.value("email")
    return Modal(
        loading("Map", "Looking who that is"),
        lambda: _settled(call.uses.mappings.map(call.actor, whom, address, call.source)),
    )


def unmap(call: Call, command: Command) -> Modal:
    """/k8s admin unmap"""
    mappings.authorise(call.actor, call.uses.mappings)
    whom = command.value("colleague")
    return Modal(
        loading("Unmap", "Looking who that is"),
        lambda: _settled(call.uses.mappings.unmap(call.actor, whom, call.source)),
    )


def _settled(mapped: Mapped) -> View:
    """What has become of it, roles above all."""
    who = person(mapped.person_id)
    now = f"*{escape(mapped.after)}*" if mapped.after else "nobody that I know, and cannot use Berth"
    before = f"Before: {escape(mapped.before) or 'nobody that I knew'}, {mapped.role_before.value}."
    undo = code(f"{COMMAND} admin unmap @colleague")
    return View(
        "Who they are",
        [
            section(f"{who} is {now}. {_role(mapped)}"),
            context(f"{before} They are told. {undo} ends a mapping."),
        ],
    )


def _role(mapped: Mapped) -> str:
    if mapped.role_after is mapped.role_before:
        return f"The role stays {mapped.role_after.value}."
    gains = list(Role).index(mapped.role_after) > list(Role).index(mapped.role_before)
    told = " All admins are told." if Role.ADMIN in (mapped.role_before, mapped.role_after) else ""
    if gains:
        return f"*This gives them the role {mapped.role_after.value}*, with all its rights.{told}"
    return f"*This takes the role {mapped.role_before.value} from them.*{told}"
