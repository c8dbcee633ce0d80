"""What `berth doctor` finds out about Slack: tokens, scopes, and the teams' channels."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.cli.app_manifest import bot_scopes
from bot.cli.check import Check, note
from bot.config import Catalogue, Survey
from bot.rules.membership import user_groups_of
from bot.seams.slack import SlackError
from bot.seams.slack_checks import Channels, Installed, check_app_token, installed, user_groups

_REINSTALL: Final = "In the app's settings: OAuth & Permissions, then Reinstall to Workspace; take the token it shows."
_LEVEL: Final = "In the app's settings: Basic Information, App-Level Tokens; make one with connections:write."
_UNREACHED: Final = "See that SLACK_API_URL is right and that this machine reaches it."


def slack_checks(found: Survey) -> Iterator[Check]:
    """Ask Slack with every token that looks right."""
    if "SLACK_API_URL" in found.wrong:
        return
    if "SLACK_BOT_TOKEN" not in found.wrong:
        yield from _bot(found)
    if found.socket_mode and "SLACK_APP_TOKEN" not in found.wrong:
        yield _app(found)
    if not found.socket_mode and "SLACK_SIGNING_SECRET" not in found.wrong:
        yield Check("Slack signing secret", True, "given; Slack's first request will tell whether it is the right one")


def _bot(found: Survey) -> Iterator[Check]:
    url, token = found.settings.slack_api_url, found.settings.slack_bot_token.get_secret_value()
    try:
        app = installed(url, token)
    except SlackError as error:
        yield _failed("Slack bot token", error, _REINSTALL)
        return
    yield Check("Slack bot token", True, f"{app.user} in {app.workspace}")
    yield _scopes(app.scopes)
    if found.catalogue is not None:
        yield from _channels(app, Channels(url, token, app.scopes), _named(found.catalogue))
        yield from _user_groups(url, token, found.catalogue)


def _app(found: Survey) -> Check:
    try:
        check_app_token(found.settings.slack_api_url, found.settings.slack_app_token.get_secret_value())
    except SlackError as error:
        return _failed("Slack app token", error, _LEVEL)
    return Check("Slack app token", True, "may open Socket Mode connections")


def _failed(what: str, error: SlackError, mend: str) -> Check:
    """No answer is the network's business, and Slack's troubles are Slack's; a refused token is the token's."""
    said = f"Slack says {error.code}" if error.code.isidentifier() else str(error)
    return Check(what, False, said, _UNREACHED if error.passing else mend)


def _scopes(granted: frozenset[str] | None) -> Check:
    needed = bot_scopes()
    if needed is None or granted is None:
        return Check("Slack scopes", True, "not told, so not compared")
    missing = sorted(needed - granted)
    said = f"{', '.join(missing)} missing" if missing else f"all {len(needed)} granted"
    return Check("Slack scopes", not missing, said, f"Update the app from manifest.json. {_REINSTALL}")


def _named(catalogue: Catalogue) -> dict[str, str]:
    """The channels that berth.yaml names, by what they are for."""
    teams = {f"Channel of team {team.name}": team.channel for team in catalogue.teams if team.channel}
    approvals = catalogue.approvals.channel
    return teams | ({"Channel for approvals": approvals} if approvals else {})


def _channels(app: Installed, channels: Channels, named: Mapping[str, str]) -> Iterator[Check]:
    """Each channel of berth.yaml. Where the token may not look, that is no failure: the bot itself need not."""
    for what, channel in named.items():
        invite = f"In the channel {channel}, type /invite @{app.user}."
        try:
            found = channels.reaches(channel)
        except SlackError as error:
            yield note(
                what, f"{channel} could not be looked up: Slack says {error.code}", f"If Berth is not in it: {invite}"
            )
            continue
        if found is None:
            yield note(
                what,
                f"{channel} is not among the channels that the token may see",
                f"See that its name in berth.yaml is right. If it is private: {invite}",
            )
        else:
            yield Check(what, found, f"Berth is in {channel}" if found else f"Berth is not in {channel}", invite)


def _user_groups(url: str, token: str, catalogue: Catalogue) -> Iterator[Check]:
    """Each team that is made of Slack's user groups, of which a workspace may have none."""
    named = {team.name: user_groups_of(team) for team in catalogue.teams if user_groups_of(team)}
    if not named:
        return
    try:
        there = user_groups(url, token)
    except SlackError as error:
        yield note(
            "Slack user groups", f"could not be looked up: Slack says {error.code}", "Nobody is in a team by them."
        )
        return
    for team, groups in named.items():
        missing = ", ".join(sorted(groups - there))
        found = f"{missing} not in Slack, so nobody is in it by that" if missing else ", ".join(sorted(groups))
        yield Check(f"User groups of team {team}", not missing, found, "Mend the handle or the id in berth.yaml.")
