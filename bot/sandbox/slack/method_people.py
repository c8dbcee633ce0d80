"""The methods about people: users.*, usergroups.*, dnd.*."""

from __future__ import annotations

from bot.sandbox.slack.calls import Call, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json, Person

MOST_AT_ONCE = 50


def _wire(call: Call, person: Person) -> Json:
    return person.wire(call.workspace.now, with_email="users:read.email" in call.workspace.scopes)


def _named(call: Call) -> Person:
    person = call.workspace.people.get(call.text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return person


def info(call: Call) -> Json:
    """One person."""
    return {"user": _wire(call, _named(call))}


def list_people(call: Call) -> Json:
    """Everyone, the app included, by pages."""
    everyone = [_wire(call, person) for person in call.workspace.people.values()]
    return call.page(everyone, "members") | {"cache_ts": int(call.workspace.epoch)}


def lookup_by_email(call: Call) -> Json:
    """The active person with that e-mail."""
    wanted = call.text("email").strip().lower()
    for person in call.workspace.people.values():
        if person.email and person.email.lower() == wanted and not person.deleted:
            return {"user": _wire(call, person)}
    raise SlackError("users_not_found")


def usergroups_list(call: Call) -> Json:
    """The user groups; those disabled, and the users of each, only when asked for."""
    groups = [one for one in call.workspace.usergroups.values() if call.flag("include_disabled") or not one.deleted]
    with_users = call.flag("include_users")
    return {"usergroups": [one.wire(call.workspace.id, with_users=with_users) for one in groups]}


def usergroups_users_list(call: Call) -> Json:
    """The people of one user group."""
    group = call.workspace.usergroups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


def dnd_info(call: Call) -> Json:
    """When a person does not want to be disturbed."""
    person = _named(call) if call.text("user") else call.workspace.bot
    return person.dnd_status()


def dnd_team_info(call: Call) -> Json:
    """The same of up to fifty people; those there are not are left out."""
    users = call.words("users")
    if len(users) > MOST_AT_ONCE:
        raise SlackError("too_many_users")
    known = [call.workspace.people[user] for user in users if user in call.workspace.people]
    return {"users": {person.id: person.dnd_status() for person in known}}


METHODS = (
    Method("users.info", info, "users:read", "tier4", ("user",)),
    Method("users.list", list_people, "users:read", "tier2"),
    Method("users.lookupByEmail", lookup_by_email, "users:read.email", "tier3", ("email",)),
    Method("usergroups.list", usergroups_list, "usergroups:read", "tier2"),
    Method("usergroups.users.list", usergroups_users_list, "usergroups:read", "tier2", ("usergroup",)),
    Method("dnd.info", dnd_info, "dnd:read", "tier3"),
    Method("dnd.teamInfo", dnd_team_info, "dnd:read", "tier2", ("users",)),
)
