"""Who may call what, how arguments arrive, and how refusals look."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox.slack import SandboxSlack
from tests.sandbox.slack.conftest import OpenSlack, SteppingClock, manifest_with
from tests.sandbox.slack.person import Control


def call(slack: SandboxSlack, method: str, token: str | None = None, **arguments: str) -> httpx.Response:
    """A bare call, with the bot's token unless another is given."""
    headers = {"Authorization": f"Bearer {slack.bot_token if token is None else token}"} if token != "" else {}
    return httpx.post(f"{slack.api_url}{method}", json=arguments, headers=headers, trust_env=False)


def test_the_bots_token_says_whose_it_is(client: WebClient, control: Control) -> None:
    answer = client.auth_test()

    workspace = control.get("/workspace")
    assert answer["team_id"] == workspace["workspace"]["id"]
    assert answer["user_id"] == workspace["app"]["bot_user_id"]


def test_a_call_without_a_token_is_not_authed(slack: SandboxSlack) -> None:
    assert call(slack, "auth.test", token="").json() == {"ok": False, "error": "not_authed"}


def test_the_test_method_says_back_what_it_was_told(slack: SandboxSlack) -> None:
    assert call(slack, "api.test", token="", foo="bar").json() == {"ok": True, "args": {"foo": "bar"}}
    assert call(slack, "api.test", token="", error="no_luck").json()["error"] == "no_luck"


def test_the_word_before_a_token_may_be_written_any_way(slack: SandboxSlack) -> None:
    headers = {"Authorization": f"bearer {slack.bot_token}"}

    assert httpx.post(f"{slack.api_url}auth.test", headers=headers, trust_env=False).json()["ok"]


def test_channel_names_are_for_posting_only(slack: SandboxSlack) -> None:
    posted = call(slack, "chat.postMessage", channel="#general", text="hi").json()

    assert posted["ok"]
    for method in ("conversations.info", "conversations.history", "conversations.members"):
        assert call(slack, method, channel="general").json()["error"] == "channel_not_found"
        assert call(slack, method, channel=posted["channel"]).json()["ok"]
    assert (
        call(slack, "chat.update", channel="general", ts=posted["ts"], text="x").json()["error"] == "channel_not_found"
    )


def test_an_unknown_token_is_invalid(slack: SandboxSlack) -> None:
    assert call(slack, "auth.test", token="xoxb-other").json()["error"] == "invalid_auth"


def test_the_app_token_opens_sockets_and_nothing_else(slack: SandboxSlack) -> None:
    assert call(slack, "apps.connections.open", slack.app_token).json()["ok"]
    assert call(slack, "auth.test", slack.app_token).json()["error"] == "not_allowed_token_type"
    assert call(slack, "apps.connections.open").json()["error"] == "not_allowed_token_type"


def test_a_missing_scope_is_named_with_those_that_are_there(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(scopes=["commands", "users:read"]))

    answer = call(slack, "chat.postMessage", channel="general", text="hi")

    expected = {"error": "missing_scope", "needed": "chat:write", "provided": "commands,users:read"}
    assert answer.json() == {"ok": False} | expected
    assert answer.headers["x-oauth-scopes"] == "commands,users:read"


def test_every_listed_scope_of_a_kind_of_channel_is_checked(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(scopes=["channels:read"]))

    assert call(slack, "conversations.list").json()["ok"]
    assert call(slack, "conversations.list", types="private_channel").json()["needed"] == "groups:read"


def test_an_email_is_silently_absent_without_its_scope(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(scopes=["users:read"]))
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    members = client.users_list()["members"]

    assert [one["profile"].get("email") for one in members] == [None] * len(members)


def test_a_method_left_out_is_unknown_as_in_other_emulators(open_slack: OpenSlack) -> None:
    slack = open_slack(without=frozenset({"usergroups.list"}))

    assert call(slack, "usergroups.list").json() == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "usergroups.list",
    }
    assert call(slack, "no.such").json()["error"] == "unknown_method"


def test_missing_arguments_are_all_named(slack: SandboxSlack) -> None:
    answer = call(slack, "chat.update").json()

    assert answer["error"] == "invalid_arguments"
    assert len(answer["response_metadata"]["messages"]) == 2


@pytest.mark.parametrize("form", [True, False])
def test_arguments_arrive_as_json_or_as_a_form(slack: SandboxSlack, form: bool) -> None:
    arguments = {"channel": "general", "text": "hi", "blocks": '[{"type":"divider"}]'}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    body = {"data": arguments} if form else {"json": arguments}

    answer = httpx.post(f"{slack.api_url}chat.postMessage", headers=headers, trust_env=False, **body)  # type: ignore[arg-type]  # httpx types each keyword apart

    assert answer.json()["message"]["blocks"][0]["type"] == "divider"


def test_a_token_may_come_as_an_argument_and_is_not_logged(slack: SandboxSlack, control: Control) -> None:
    answer = httpx.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token}, trust_env=False)

    assert answer.json()["ok"]
    assert slack.bot_token not in str(control.calls("auth.test"))


def test_pages_follow_the_cursor_to_the_end_and_hold_everyone_once(client: WebClient) -> None:
    ids = [member["id"] for page in client.users_list(limit=2) for member in page["members"]]

    assert len(ids) == len(set(ids)) == len(client.users_list()["members"])


def test_a_cursor_of_ones_own_making_is_refused(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        client.users_list(cursor="bm9wZQ==")


def test_rate_limits_answer_429_with_the_seconds_to_wait_and_pass_after_them(open_slack: OpenSlack) -> None:
    clock = SteppingClock()
    slack = open_slack(clock=clock, rate_limits=True)
    answers = [call(slack, "usergroups.list") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["retry-after"] == "3"
    assert answers[-1].json() == {"ok": False, "error": "ratelimited"}

    clock.forward(seconds=3)
    assert call(slack, "usergroups.list").status_code == 200


def test_messages_are_limited_per_channel(open_slack: OpenSlack) -> None:
    slack = open_slack(clock=SteppingClock(), rate_limits=True)
    one = [call(slack, "chat.postMessage", channel="general", text="hi").status_code for _ in range(11)]

    assert one == [200] * 10 + [429]
    assert call(slack, "chat.postMessage", channel="payments", text="hi").status_code == 200


def test_a_429_asked_for_is_answered_once_and_waited_out_by_the_client(
    slack: SandboxSlack, client: WebClient, control: Control
) -> None:
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    control.post("/faults", method="chat.*", status=429, retry_after=0)

    assert client.chat_postMessage(channel="general", text="hi")["ok"]
    assert [row["error"] for row in control.calls("chat.postMessage")] == ["429", None]


def test_an_answer_can_be_lost_after_its_call_took_effect(client: WebClient, control: Control) -> None:
    control.post("/faults", method="chat.postMessage", status=500, after_effect=True)

    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="general", text="once")

    assert [row["text"] for row in control.get("/as/ada/messages/general")] == ["once"]


def test_a_refusal_can_be_asked_for_until_it_is_cleared(client: WebClient, control: Control) -> None:
    control.post("/faults", method="users.info", error="user_not_found", times=None)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="user_not_found"):
            client.users_info(user="U1")

    control.http.delete("/faults")

    assert client.users_info(user=control.get("/workspace")["people"][0]["id"])["ok"]


def test_a_hanging_call_hangs(slack: SandboxSlack, control: Control) -> None:
    control.post("/faults", method="auth.test", hang=True)

    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{slack.api_url}auth.test", timeout=0.2, trust_env=False)


def test_the_workspace_answers_about_itself(client: WebClient) -> None:
    assert client.team_info()["team"]["domain"] == "harbour"
    assert client.bots_info()["bot"]["user_id"] == client.auth_test()["user_id"]
    assert client.api_call("dnd.info", params={"user": client.auth_test()["user_id"]})["dnd_enabled"] is False


def test_user_groups_name_their_people(client: WebClient, control: Control) -> None:
    groups = {one["handle"]: one for one in client.usergroups_list(include_users=True)["usergroups"]}
    ada = control.get("/workspace")["people"][0]["id"]

    assert ada in groups["payments"]["users"]
    assert client.usergroups_users_list(usergroup=groups["payments"]["id"])["users"] == groups["payments"]["users"]


def test_a_person_is_found_by_email_until_deactivated(client: WebClient, control: Control) -> None:
    found = client.users_lookupByEmail(email="ADA@harbour.example")["user"]
    assert found["name"] == "ada"
    assert found["is_email_confirmed"] is True

    control.post("/people/ada", deleted=True)

    with pytest.raises(SlackApiError, match="users_not_found"):
        client.users_lookupByEmail(email="ada@harbour.example")
