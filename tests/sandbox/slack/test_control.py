"""The control API itself: what it says about itself, what it refuses, and what only it can do to an app."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import DEFAULT_MANIFEST, manifest_objections
from bot.sandbox.slack.control_guide import FIELDS, GUIDE
from tests.sandbox.slack.person import Control, Person, until


def test_the_guide_names_every_route(control: Control) -> None:
    told = [row["call"] for row in control.get("/")["routes"]]

    assert told == [f"{verb} /_control{path}" for verb, path, _ in GUIDE]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(("verb", "path"), [(verb, path) for verb, path, _ in GUIDE if not path.endswith("/stream")])
def test_a_route_of_the_guide_is_there(control: Control, verb: str, path: str) -> None:
    there = path.replace("{user}", "mio").replace("{channel}", "search")

    answer = control.http.request(verb, there, json={})

    assert answer.status_code in {200, 400}
    assert "unknown_route" not in answer.text


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_an_unknown_route_points_to_the_guide(control: Control, verb: str) -> None:
    answer = control.http.request(verb, "/as/ada/dance")

    assert (answer.status_code, answer.json()) == (404, {"ok": False, "error": "unknown_route", "see": "/_control/"})


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/people/lin", {"deleted": "yes"}, "must provide a boolean [json-pointer:/deleted]"),
        ("/people/lin", {"dnd": {"until": 5}}, "invalid additional property: until [json-pointer:/dnd]"),
        ("/people/lin", {"profile": {"email": 5}}, "must provide a string [json-pointer:/email]"),
        ("/channels/general", {"members": "ada"}, "must provide an array [json-pointer:/members]"),
        ("/as/ada/submit", {"view_id": "V", "values": []}, "must provide an object [json-pointer:/values]"),
        ("/as/ada/open_home", {"tab": "cellar"}, "must be one of: home, messages, about [json-pointer:/tab]"),
        ("/faults", {"method": "auth.test", "times": "x"}, "must provide an integer [json-pointer:/times]"),
        ("/replay", {"kind": "x", "payload": 1}, "must provide an object [json-pointer:/payload]"),
        ("/clock", {"forward": -1}, "must be greater than -1 [json-pointer:/forward]"),
    ],
)
def test_a_wrong_field_is_refused_with_the_reason(control: Control, path: str, body: object, reason: str) -> None:
    answer = control.http.post(path, json=body)

    assert (answer.status_code, answer.json()["errors"]) == (400, [reason])


@pytest.mark.parametrize(
    ("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object"), (b"", "missing_field")]
)
def test_a_body_that_is_no_object_is_refused(control: Control, body: bytes, error: str) -> None:
    assert control.http.post("/as/ada/command", content=body).json()["error"] == error


ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.none(), max_size=1)
BODIES = st.dictionaries(st.sampled_from(sorted(FIELDS)), ODD | st.dictionaries(st.text(max_size=2), ODD, max_size=2))
ROUTES = [path for verb, path, _ in GUIDE if verb == "POST"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(ROUTES), body=BODIES)
def test_no_body_breaks_the_control_api(control: Control, path: str, body: dict[str, object]) -> None:
    if path == "/faults":
        body["method"] = "nothing"
    there = path.replace("{user}", "mio").replace("{channel}", "search")

    answer = control.http.post(there, json=body)

    assert answer.status_code in {200, 400, 404}, answer.text
    assert {"ok": True}.items() <= answer.json().items() or answer.json()["error"]


def test_uninstalling_tells_the_app_and_ends_its_token_until_it_is_installed_again(
    live: App, client: WebClient, control: Control, ada: Person
) -> None:
    control.post("/app", action="uninstall")

    with pytest.raises(SlackApiError, match="account_inactive"):
        client.auth_test()
    until(lambda: control.payloads("app_uninstalled"), "app_uninstalled")
    revoked = control.payloads("tokens_revoked")[0]["payload"]["event"]
    assert revoked["tokens"] == {"oauth": [], "bot": [control.get("/workspace")["app"]["bot_user_id"]]}
    assert ada.does("command", channel="general", text="/k8s")["error"] == "unknown_command"

    control.post("/app", action="install")
    assert client.auth_test()["ok"]


def test_a_revoked_token_is_refused_as_revoked(live: App, client: WebClient, control: Control) -> None:
    control.post("/app", action="revoke")

    with pytest.raises(SlackApiError, match="token_revoked"):
        client.auth_test()
    assert control.payloads("app_uninstalled") == []


def test_do_not_disturb_is_announced_and_told(live: App, client: WebClient, control: Control, ada: Person) -> None:
    dnd = {"dnd_enabled": True, "next_dnd_start_ts": 1_794_000_000, "next_dnd_end_ts": 1_794_030_000}

    assert control.post("/people/ada", dnd=dnd)["ok"]

    event = until(lambda: control.payloads("dnd_updated_user"), "dnd_updated_user")[0]["payload"]["event"]
    assert (event["user"], event["dnd_status"]) == (ada.id, dnd)
    assert control.payloads("user_change") == []
    answer = client.api_call("dnd.info", params={"user": ada.id})
    assert {name: answer[name] for name in dnd} == dnd
    team = client.api_call("dnd.teamInfo", params={"users": f"{ada.id},U0NOBODY"})
    assert team["users"] == {ada.id: dnd}


def test_do_not_disturb_is_told_of_fifty_people_at_most(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="too_many_users"):
        client.api_call("dnd.teamInfo", params={"users": ",".join(f"U{number}" for number in range(51))})


def test_setting_the_clock_forward_runs_deadlines_out(live: App, control: Control, ada: Person) -> None:
    live.command("/k8s")(lambda ack: ack())
    ada.does("command", channel="general", text="/k8s")
    url = control.payloads("/k8s")[0]["payload"]["response_url"]
    before = control.get("/workspace")["now"]

    now = control.post("/clock", forward=1801)["now"]

    assert 1801 <= now - before < 1900
    assert httpx.post(url, json={"text": "late"}, trust_env=False).json()["error"] == "expired_url"


def test_rate_limits_can_be_switched_on_and_off(client: WebClient, control: Control) -> None:
    control.post("/rate_limits", on=True)
    for _ in range(20):
        client.usergroups_list()
    with pytest.raises(SlackApiError, match="ratelimited") as refused:
        client.usergroups_list()
    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) > 0

    control.post("/rate_limits", on=False)

    assert client.usergroups_list()["ok"]


def test_a_manifest_is_judged_before_it_is_installed() -> None:
    assert manifest_objections(DEFAULT_MANIFEST) == []
    command = {"command": "k8s", "description": "x"}
    assert manifest_objections({"display_information": {"name": "X"}, "features": {"slash_commands": [command]}}) == [
        "does not match the required format [json-pointer:/features/slash_commands/0/command]"
    ]
    assert manifest_objections([]) == ["must provide an object [json-pointer:]"]


def test_answers_over_a_kept_connection_do_not_wait_to_be_sent(control: Control) -> None:
    took = sorted(control.http.get("/socket").elapsed for _ in range(20))

    assert took[5] < timedelta(milliseconds=35), "Nagle's algorithm holds each back for 40 ms"
