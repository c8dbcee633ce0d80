"""Who Berth takes a person for, by which proof, what else was considered, where each team and role comes from, and as
whom each cluster knows them."""

from collections.abc import Sequence

from bot.rules.actors import Actor
from bot.rules.catalogue import ClusterSpec, Oidc
from bot.rules.identity import Considered, Login, Resolution
from bot.rules.membership import Membership, Roles
from bot.rules.subjects import Holder, subject_of, user_name
from bot.rules.words import capital
from bot.seams.slack import Message
from bot.usecases.identities import Known
from bot.usecases.refusal import Refusal
from handlers.blocks import bullets, code, context, escape, fields, header, message, person, section, sentence, shorten
from handlers.call import Call
from handlers.grammar import Command
from handlers.ids import COMMAND

_MOST = 20  # lines of a list
_GROUPS = 10  # named in one line
_LONGEST = 254  # characters of an address


def whoami(call: Call, command: Command) -> Message:
    """/k8s whoami"""
    known = call.uses.people.known_as(call.actor.workspace_id, call.actor.id)
    if known is None or known.actor is None:  # it has changed this moment
        raise Refusal("Who you are has just changed", f"Type {COMMAND} whoami again.")
    return explained(known, call.uses.catalogue.clusters)


def explained(known: Known, clusters: Sequence[ClusterSpec]) -> Message:
    """All of it."""
    actor, identity, roles = known.actor, known.resolution.identity, known.roles
    if actor is None or identity is None or roles is None:
        return message("Nothing proves who you are.")
    email = escape(shorten(actor.email, _LONGEST))
    teams, several = ", ".join(map(escape, actor.teams)), "s" if len(actor.teams) > 1 else ""
    belongs = f"in team{several} {teams}" if teams else "in no team that Berth knows"
    text = f"You are {email}, {escape(actor.role)}, {belongs}."
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
            section(f"*On the clusters*\n{bullets(_on_clusters(known, actor, clusters), _MOST)}"),
            context(
                f"{_belonging(roles)} Teams and roles come from berth.yaml, Slack’s user groups and the company login: "
                f"if one is missing, ask an admin. If your e-mail is wrong, an admin mends it with "
                f"{code(f'{COMMAND} admin map')}."
            ),
        ],
    )


def _on_clusters(known: Known, actor: Actor, clusters: Sequence[ClusterSpec]) -> Sequence[str]:
    """As whom each cluster knows the person; those that know them alike in one line."""
    login = known.login
    proven = (login.issuer, login.subject) if login is not None else ("", "")
    holder = Holder(actor.workspace_id, actor.id, actor.email, *proven)
    named: dict[str, list[str]] = {}
    for spec in clusters:
        named.setdefault(_known_as(holder, login, spec.oidc), []).append(code(spec.name))
    return [f"{', '.join(names)}: {who}" for who, names in named.items()]


def _known_as(holder: Holder, login: Login | None, oidc: Oidc | None) -> str:
    subject = subject_of(holder, oidc)
    if oidc is None:
        return f"you act as {code(user_name(subject), 200)}" if subject is not None else "you act as nobody"
    at = f"by the login at {code(oidc.issuer_url, 200)}"
    if subject is None:
        link = code(f"{COMMAND} link")
        return f"{at} you are whatever its claim {code(oidc.username_claim)} says, which {link} lets me know"
    return f"{at} you are {code(user_name(subject), _LONGEST)}{_in_groups(login, oidc)}"


def _in_groups(login: Login | None, oidc: Oidc) -> str:
    """The groups there, of those that the issuer told when the login was linked."""
    prefix = oidc.groups_prefix
    if prefix is None:
        return ", and its groups count for nothing"
    if login is None or login.issuer != oidc.issuer_url:
        return f", in the groups that it tells, each as {code(f'{prefix}GROUP', _LONGEST)}"
    groups = [code(f"{prefix}{group}", _LONGEST) for group in sorted(login.groups)]
    more = f" and {len(groups) - _GROUPS} more" if len(groups) > _GROUPS else ""
    return f", in the groups {', '.join(groups[:_GROUPS])}{more}" if groups else ", in no group"


def refused(known: Known, refusal: Refusal) -> Message:
    """The same for somebody of whom nothing proves who they are: what was looked at, what came of it, what to do."""
    email = known.person.email
    said = f"{sentence(refusal.message)} {sentence(refusal.hint)}"
    return message(
        said,
        [
            header("Who you are"),
            section(said),
            fields(
                f"*Slack*\n{person(known.person.id)}",
                f"*E-mail in Slack*\n{escape(shorten(email, _LONGEST)) if email else 'none that I am told'}",
            ),
            section(f"*How I would know*\n{bullets(_ways(known.resolution), _MOST) or 'nothing was found'}"),
            *([section(f"*Teams and roles*\n{bullets(_roles(known.roles), _MOST)}")] if known.roles else []),
        ],
    )


def _belonging(roles: Roles) -> str:
    if roles.team is None:
        return "What you create belongs to no team."
    return f"What you create belongs to your first team, or to the one you name with {code('team=')}."


def _ways(resolution: Resolution) -> Sequence[str]:
    """Every way in the order in which they count, the first that gives an e-mail before the others."""
    lines: list[str] = []
    decided = False
    for one in resolution.considered:
        lines.append(_way(one, decided=decided))
        decided = decided or bool(one.email)
    return lines


def _way(one: Considered, *, decided: bool) -> str:
    way = escape(capital(one.way))
    if not one.email:
        return f"{way}: {escape(one.obstacle)}"
    email = escape(shorten(one.email, _LONGEST))
    return f"{way}: {email}, but what stands above it goes first" if decided else f"*{way}: {email}. This counts*"


def _roles(roles: Roles) -> Sequence[str]:
    return [_role(one) for one in roles.memberships] or ["None: no team lists you, so you are a member without one"]


def _role(one: Membership) -> str:
    where = f"Team {escape(one.team)}" if one.team is not None else "All of Berth"
    return f"{where}: {escape(one.role)}, by {escape(shorten(one.source, _LONGEST))}"
