"""Changes an administrator or a directory would make: people, channels and user groups, told to the app as events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from bot.sandbox.slack import seen
from bot.sandbox.slack.control_guide import PERSON
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.records import Channel, Json, Person, Usergroup
from bot.sandbox.slack.rules import Shape
from bot.sandbox.slack.seed import PersonSeed, slack_id
from bot.sandbox.slack.workspace import Workspace

REFUSALS = {"uninstall": "account_inactive", "revoke": "token_revoked", "install": ""}
"""What the Web API answers to the bot token after each of these; nothing once the app is installed (again)."""


@dataclass(frozen=True)
class Changes:
    """What can be changed from outside."""

    workspace: Workspace
    courier: Courier

    def add_person(self, given: Json) -> Json:
        """A newcomer; fires `team_join`. Further fields are those of a change."""
        name = str(given["name"])
        seed = PersonSeed(name, str(given.get("real_name", name.title())), "", str(given.get("tz", "UTC")), "2b6cb0")
        if slack_id("U", name) in self.workspace.people:
            raise SlackError("name_taken")
        person = self.workspace.add_person(seed)
        general = self.workspace.channel("general")
        general.members.append(person.id)
        self._assign(person, given)
        self._tell("team_join", person)
        return {"ok": True, "person": seen.person(self.workspace, person)}

    def change_person(self, person: Person, given: Json) -> Json:
        """New values for a person's fields; fires `user_change`."""
        self._assign(person, given)
        if set(given) - {"dnd"}:
            self._tell("user_change", person)
        if given.get("dnd") is not None:
            self.courier.event({"type": "dnd_updated_user", "user": person.id, "dnd_status": person.dnd_status()})
        return {"ok": True, "person": seen.person(self.workspace, person)}

    def _assign(self, person: Person, given: Json) -> None:
        flat: dict[str, Any] = given | (given.get("profile") or {})
        flat.pop("profile", None)
        flat |= {"email": flat.pop("profile.email")} if "profile.email" in flat else {}
        if unknown := set(flat) - set(PERSON):
            raise SlackError("invalid_arguments", unknown=sorted(unknown), known=sorted(PERSON))
        given_values = {name: value for name, value in flat.items() if value is not None or name != "email"}
        if reasons := list(Shape(PERSON).objections(given_values, "")):
            raise invalid("invalid_arguments", reasons)
        if "tz" in flat and flat["tz"] not in available_timezones():
            raise SlackError("invalid_arguments", unknown=[flat["tz"]])
        for name, value in flat.items():
            # Only an e-mail can be taken away; null leaves everything else as it is.
            if value is not None or name == "email":
                setattr(person, name, value)
        person.updated = int(self.workspace.epoch)

    def _tell(self, kind: str, person: Person) -> None:
        with_email = "users:read.email" in self.workspace.scopes
        user = person.wire(self.workspace.now, with_email=with_email)
        self.courier.event({"type": kind, "user": user, "cache_ts": int(self.workspace.epoch)})
        self.workspace.changed("people")

    def app(self, given: Json) -> Json:
        """Uninstalls the app, revokes its token, or installs it (again) with the same token."""
        action = str(given["action"])
        if action not in REFUSALS:
            raise SlackError("invalid_arguments", known=list(REFUSALS))
        if action != "install":
            self.courier.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.workspace.bot.id]}})
        if action == "uninstall":
            self.courier.event({"type": "app_uninstalled"})
        self.workspace.refusing = REFUSALS[action]
        return {"ok": True}

    def change_channel(self, channel: Channel, given: Json) -> Json:
        """Whether the bot is a member, who else is, and whether it is archived."""
        bot = self.workspace.bot.id
        if "members" in given:
            channel.members[:] = [self.workspace.person(str(name)).id for name in given["members"]]
        if "bot_member" in given:
            others = [member for member in channel.members if member != bot]
            channel.members[:] = [*others, bot] if given["bot_member"] else others
        channel.archived = bool(given.get("archived", channel.archived))
        self.workspace.changed(f"channel:{channel.id}")
        return {"ok": True, "members": channel.members, "archived": channel.archived}

    def set_usergroup(self, given: Json) -> Json:
        """Makes or changes a user group by its handle; fires the `subteam_*` event that fits."""
        handle = str(given["handle"])
        group = next((one for one in self.workspace.usergroups.values() if one.handle == handle), None)
        fresh = group is None
        group = group or Usergroup(slack_id("S", handle), handle, handle.title(), [], int(self.workspace.epoch))
        self.workspace.usergroups[group.id] = group
        before, earlier = list(group.users), group.updated
        group.name = str(given.get("name", group.name))
        group.users = [self.workspace.person(str(name)).id for name in given.get("users", group.users)]
        group.updated = int(self.workspace.epoch)
        group.deleted = group.updated if given.get("disabled") else 0
        kind = "subteam_created" if fresh else "subteam_updated"
        self.courier.event({"type": kind, "subteam": group.wire(self.workspace.id)})
        if not fresh and before != group.users:
            self._tell_members(group, before, earlier)
        return {"ok": True, "usergroup": group.wire(self.workspace.id)}

    def _tell_members(self, group: Usergroup, before: list[str], earlier: int) -> None:
        added = [user for user in group.users if user not in before]
        removed = [user for user in before if user not in group.users]
        event: Json = {"type": "subteam_members_changed", "subteam_id": group.id, "team_id": self.workspace.id}
        event |= {"date_previous_update": earlier, "date_update": group.updated}
        event |= {"added_users": added, "added_users_count": len(added)}
        self.courier.event(event | {"removed_users": removed, "removed_users_count": len(removed)})
