"""What is declared elsewhere agrees with the code, in both directions: the manifest, the README, the tables of ids."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

import handlers
from bot.usecases import UseCases
from handlers.clicks import CLICKS, SUBMISSIONS
from handlers.commands import ANSWERS
from handlers.grammar import FIRST_WORDS, ROWS, readme_table, usage_hint
from handlers.ids import COMMAND, ActionId, CallbackId, pattern
from handlers.register import register

ROOT = Path(__file__).parent.parent.parent
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text())

SCOPES = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_open": {"im:write"},
    "dnd_info": {"dnd:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "files_upload_v2": {"files:write"},
    "users_info": {"users:read", "users:read.email"},
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set(),
    "views_push": set(),
    "views_update": set(),
    "views_publish": set(),
    "auth_test": set(),
}
"""What Slack asks for each Web API method that Berth calls; a call that is not a row fails a test below."""


class RecordingApp(App):
    """A Bolt app that tells what was registered."""

    def __init__(self) -> None:
        super().__init__(client=WebClient("xoxb-none"), token_verification_enabled=False, signing_secret="none")
        self.commands: list[object] = []
        self.events: list[object] = []
        self.actions: list[object] = []
        self.views: list[object] = []

    def command(self, command: Any, *rest: Any, **more: Any) -> Any:
        self.commands.append(command)
        return super().command(command, *rest, **more)

    def event(self, event: Any, *rest: Any, **more: Any) -> Any:
        self.events.append(event)
        return super().event(event, *rest, **more)

    def action(self, constraints: Any, *rest: Any, **more: Any) -> Any:
        self.actions.append(constraints)
        return super().action(constraints, *rest, **more)

    def view(self, constraints: Any, *rest: Any, **more: Any) -> Any:
        self.views.append(constraints)
        return super().view(constraints, *rest, **more)


@pytest.fixture
def registered() -> RecordingApp:
    """An app with everything in it; the use cases are never called."""
    app = RecordingApp()
    register(app, UseCases.__new__(UseCases))
    return app


def test_the_manifest_declares_the_commands_that_are_answered(registered: RecordingApp) -> None:
    declared = MANIFEST["features"]["slash_commands"]

    assert [one["command"] for one in declared] == registered.commands == [COMMAND]
    assert declared[0]["usage_hint"] == usage_hint()
    assert declared[0]["should_escape"] is True


def test_the_manifest_subscribes_to_the_events_that_are_handled(registered: RecordingApp) -> None:
    assert sorted(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == sorted(map(str, registered.events))


def test_the_manifest_asks_for_the_scopes_that_the_calls_need_and_no_more() -> None:
    needed = {"commands"}.union(*(SCOPES[method] for method in called_methods()))

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed
    assert set(SCOPES) == called_methods()


def test_the_manifest_turns_on_what_the_listeners_live_on(registered: RecordingApp) -> None:
    home = MANIFEST["features"]["app_home"]

    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is bool(registered.actions)
    assert home["home_tab_enabled"] is ("app_home_opened" in registered.events)
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert MANIFEST["settings"]["socket_mode_enabled"] is True


def test_the_manifest_keeps_within_slacks_lengths() -> None:
    shown, command = MANIFEST["display_information"], MANIFEST["features"]["slash_commands"][0]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def test_the_readme_has_the_table_of_commands() -> None:
    assert readme_table() in (ROOT / "README.md").read_text()


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    named = re.findall(rf"`{COMMAND}(?: ([a-z]+))?[^`]*`", (ROOT / "README.md").read_text())

    assert set(named) <= {"", *FIRST_WORDS}


def test_every_command_of_the_grammar_is_answered() -> None:
    assert set(ANSWERS) == set(ROWS)


def test_every_button_that_is_declared_has_a_listener_and_the_rest_is_caught(registered: RecordingApp) -> None:
    *known, rest = registered.actions

    assert {CLICK.pattern for CLICK in known if isinstance(CLICK, re.Pattern)} == {
        pattern(action).pattern for action in ActionId
    }
    assert set(CLICKS) | {ActionId.HOME_SHOW} == set(ActionId)
    assert isinstance(rest, re.Pattern)
    assert rest.match("anything.at.all")


def test_every_form_that_can_be_submitted_has_a_listener(registered: RecordingApp) -> None:
    *known, rest = registered.views

    assert set(known) == set(SUBMISSIONS) == set(CallbackId) - {CallbackId.READING, CallbackId.HOME}
    assert isinstance(rest, re.Pattern)


def test_no_button_is_mistaken_for_another() -> None:
    matches = {action: [other for other in ActionId if pattern(action).match(f"{other}~2")] for action in ActionId}

    assert matches == {action: [action] for action in ActionId}


def called_methods() -> set[str]:
    """Every Web API method that the modules which may speak to Slack call."""
    folder = Path(handlers.__file__).parent
    sources = [*folder.rglob("*.py"), ROOT / "bot" / "seams" / "slack.py"]
    attributes = {
        node.attr
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    return {name for name in attributes if hasattr(WebClient, name) and "_" in name and not name.startswith("_")}
