"""Who Berth takes a person for, by which proof, what else was considered, and where each team and role comes from."""

from collections.abc import Sequence

from bot.rules.identity import Considered, Resolution
from bot.rules.membership import Membership, Roles
from bot.rules.names import service_account_name
from bot.rules.words import HOME_NAMESPACE
from bot.seams.slack import Message
from bot.usecases.identities import Known
from bot.usecases.refusal import Refusal
from handlers.blocks import bullets, code, context, escape, fields, header, message, person, section, shorten
from handlers.call import Call
from handlers.grammar import Command
from handlers.ids import COMMAND

_MOST = 20  # lines of a list
_LONGEST = 254  # characters of an address


def whoami(call: Call, command: Command) -> Message:
    """/k8s whoami"""
    known = call.uses.people.known_as(call.actor.workspace_id, call.actor.id)
    if known is None or known.actor is None:  # it has changed this moment
        raise Refusal("Who you are has just changed", f"Type {COMMAND} whoami again.")
    return explained(known)


def explained(known: Known) -> Message:
    """All of it."""
    actor, identity, roles = known.actor, known.resolution.identity, known.roles
    if actor is None or identity is None or roles is None:
        return message("Nothing proves who you are.")
    email = escape(shorten(actor.email, _LONGEST))
    belongs = f"in team {escape(roles.team.name)}" if roles.team else "in no team that Berth knows"
    text = f"You are {email}, {escape(actor.role)}, {belongs}."
    account = code(f"system:serviceaccount:{HOME_NAMESPACE}:{service_account_name(actor.id, actor.workspace_id)}", 200)
    return message(
        text,
        [
            header("Who you are"),
            section(text),
            fields(
                f"*Slack*\n{person(actor.id)}",
                f"*E-mail*\n{email}",
                f"*Known by*\n{escape(identity.way)}",
                f"*Role*\n{escape(actor.role)}",
                f"*Time zone*\n{escape(actor.tz)}",
            ),
            section(f"*How I know*\n{bullets(_ways(known.resolution), _MOST)}"),
            section(f"*Teams and roles*\n{bullets(_roles(roles), _MOST)}"),
            context(
                f"On the cluster you act as {account}. What you create belongs to your first team. "
                "Teams and roles are set in berth.yaml, in Slack’s user groups and in the company login, by those who "
                f"run these; {code(f'{COMMAND} admin map')} is for what is wrong with your e-mail."
            ),
        ],
    )


def _ways(resolution: Resolution) -> Sequence[str]:
    """Every way in the order in which they count, the first that gives an e-mail before the others."""
    lines: list[str] = []
    decided = False
    for one in resolution.considered:
        lines.append(_way(one, decided=decided))
        decided = decided or bool(one.email)
    return lines


def _way(one: Considered, *, decided: bool) -> str:
    way = escape(one.way[:1].upper() + one.way[1:])
    if not one.email:
        return f"{way}: {escape(one.obstacle)}"
    email = escape(shorten(one.email, _LONGEST))
    return f"{way}: {email}, but what stands above it goes first" if decided else f"*{way}: {email}. This counts*"


def _roles(roles: Roles) -> Sequence[str]:
    return [_role(one) for one in roles.memberships] or ["None: no team lists you, so you are a member without one"]


def _role(one: Membership) -> str:
    where = f"Team {escape(one.team)}" if one.team is not None else "All of Berth"
    return f"{where}: {escape(one.role)}, by {escape(shorten(one.source, _LONGEST))}"
