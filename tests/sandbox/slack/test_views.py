"""Modals and Homes: the stack, the hashes, what a form demands, and what closes it."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox.slack.conftest import OpenSlack, manifest_with
from tests.sandbox.slack.person import Control, Json, Person, until


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def text_input(name: str, **more: Any) -> Json:
    """An input block with a text field of the same name."""
    element = {"type": "plain_text_input", "action_id": name} | more.pop("element", {})
    return {"type": "input", "block_id": name, "label": plain(name), "element": element} | more


def modal(callback_id: str = "form", blocks: list[Json] | None = None, **more: Any) -> Json:
    """A modal with a name to enter."""
    shown = blocks if blocks is not None else [text_input("name")]
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Go"),
        "blocks": shown,
    } | more


@pytest.fixture
def trigger(app: App, control: Control, ada: Person) -> Any:
    """Gives fresh trigger ids of ada's, who types a command each time; the app need not be connected for that."""
    app.command("/k8s")(lambda ack: ack())

    def fresh() -> str:
        ada.does("command", channel="payments", text="/k8s")
        return str(control.payloads("/k8s")[-1]["payload"]["trigger_id"])

    return fresh


def error_of(call: Any, **arguments: Any) -> str:
    """The error of a refused call."""
    with pytest.raises(SlackApiError) as raised:
        call(**arguments)
    return str(raised.value.response["error"])


def test_a_form_goes_through_errors_to_its_end(live: App, client: WebClient, trigger: Any, ada: Person) -> None:
    @live.view("form")
    def submitted(ack: Ack, view: Json) -> None:
        name = view["state"]["values"]["name"]["name"]["value"]
        ack() if name == "blue" else ack(response_action="errors", errors={"name": f"{name} is taken"})

    client.views_open(trigger_id=trigger(), view=modal())
    view_id = ada.modal()["id"]

    red = ada.does("submit", view_id=view_id, values={"name": {"name": "red"}})
    assert red == {"ok": False, "errors": {"name": "red is taken"}}
    assert ada.modal()["errors"] == {"name": "red is taken"}

    blue = ada.does("submit", view_id=view_id, values={"name": {"name": {"value": "blue"}}})
    assert blue == {"ok": True}
    assert ada.modals() == []


WHOLE = {"type": "number_input", "is_decimal_allowed": False}


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (text_input("name", optional=True), ""),
        (text_input("name", element={"max_length": 3}), "abc"),
        (text_input("name", element={"type": "number_input", "is_decimal_allowed": True}), "1.5"),
        (text_input("name", element={"type": "email_text_input"}), "ada@harbour.example"),
        (text_input("name", element={"type": "url_text_input"}), "https://harbour.example"),
    ],
)
def test_a_form_without_faults_is_submitted(
    client: WebClient, trigger: Any, control: Control, ada: Person, block: Json, value: str
) -> None:
    client.views_open(trigger_id=trigger(), view=modal(blocks=[block]))

    ada.does("submit", view_id=ada.modal()["id"], values={"name": {"name": value}})

    assert len(control.payloads("view_submission")) == 1


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (text_input("name"), ""),
        (text_input("name", element={"min_length": 3}), "ab"),
        (text_input("name", element={"max_length": 3}), "abcd"),
        (text_input("name", element=WHOLE), "1.5"),
        (text_input("name", element=WHOLE | {"max_value": "4"}), "5"),
        (text_input("name", element={"type": "email_text_input"}), "nobody"),
        (text_input("name", element={"type": "url_text_input"}), "nowhere"),
    ],
)
def test_the_client_stops_a_faulty_form_before_it_is_submitted(
    client: WebClient, trigger: Any, control: Control, ada: Person, block: Json, value: str
) -> None:
    client.views_open(trigger_id=trigger(), view=modal(blocks=[block]))

    answer = ada.does("submit", view_id=ada.modal()["id"], values={"name": {"name": value}})

    assert list(answer["errors"]) == ["name"]
    assert control.payloads("view_submission") == []


def test_initial_values_are_submitted_untouched(live: App, client: WebClient, trigger: Any, ada: Person) -> None:
    got: list[Json] = []

    @live.view("form")
    def submitted(ack: Ack, view: Json) -> None:
        got.append(view["state"]["values"])
        ack()

    client.views_open(trigger_id=trigger(), view=modal(blocks=[text_input("name", element={"initial_value": "blue"})]))
    ada.does("submit", view_id=ada.modal()["id"])

    assert got == [{"name": {"name": {"type": "plain_text_input", "value": "blue"}}}]


@pytest.mark.parametrize(
    ("acknowledgement", "titles"),
    [
        ({"response_action": "update", "view": modal("second")}, ["second"]),
        ({"response_action": "push", "view": modal("second")}, ["form", "second"]),
        ({"response_action": "clear"}, []),
    ],
)
def test_a_submissions_answer_changes_the_stack(
    live: App, client: WebClient, trigger: Any, ada: Person, acknowledgement: Json, titles: list[str]
) -> None:
    live.view("form")(lambda ack: ack(**acknowledgement))
    client.views_open(trigger_id=trigger(), view=modal())

    ada.does("submit", view_id=ada.modal()["id"], values={"name": {"name": "x"}})

    assert [view["callback_id"] for view in ada.modals()] == titles


@pytest.mark.parametrize(
    "acknowledgement",
    [
        {"response_action": "errors", "errors": {"no_such_block": "bad"}},
        {"response_action": "update", "view": {"type": "modal"}},
    ],
)
def test_an_answer_slack_cannot_use_shows_as_trouble(
    live: App, client: WebClient, trigger: Any, ada: Person, acknowledgement: Json
) -> None:
    live.view("form")(lambda ack: ack(**acknowledgement))
    client.views_open(trigger_id=trigger(), view=modal())

    answer = ada.does("submit", view_id=ada.modal()["id"], values={"name": {"name": "x"}})

    assert list(answer["errors"]) == [""]
    assert "trouble connecting" in answer["errors"][""]


def test_a_pushed_modal_stacks_to_three_and_closes_one_by_one(
    live: App, client: WebClient, trigger: Any, control: Control, ada: Person
) -> None:
    closed: list[str] = []

    @live.view_closed("second")
    def gone(ack: Ack, view: Json) -> None:
        closed.append(view["id"])
        ack()

    client.views_open(trigger_id=trigger(), view=modal())
    second = client.views_push(trigger_id=trigger(), view=modal("second", notify_on_close=True))["view"]
    third = client.views_push(trigger_id=trigger(), view=modal("third"))["view"]
    assert error_of(client.views_push, trigger_id=trigger(), view=modal()) == "push_limit_reached"
    assert third["previous_view_id"] == second["id"]

    assert ada.does("close", view_id=second["id"])["error"] == "view_not_found"
    ada.does("close", view_id=third["id"])
    ada.does("close", view_id=second["id"])

    until(lambda: closed == [second["id"]], "view_closed")
    assert len(ada.modals()) == 1


def test_an_update_keeps_what_was_entered_and_minds_the_hash(client: WebClient, trigger: Any, ada: Person) -> None:
    view = client.views_open(
        trigger_id=trigger(), view=modal(blocks=[text_input("name"), text_input("other")], external_id="mine")
    )["view"]
    entered = {"name": {"name": {"value": "typed"}}, "other": {"other": {"value": "lost"}}}
    ada.does("submit", view_id=view["id"], values={"name": entered["name"]})

    answer = client.views_update(external_id="mine", hash=view["hash"], view=modal(external_id="mine"))

    assert answer["view"]["state"]["values"]["name"]["name"]["value"] == "typed"
    stale = error_of(client.views_update, view_id=view["id"], hash=view["hash"], view=modal())
    assert stale == "hash_conflict"


def test_views_that_break_a_rule_are_refused_with_the_reason(client: WebClient, trigger: Any) -> None:
    with pytest.raises(SlackApiError) as raised:
        client.views_open(trigger_id=trigger(), view=modal(title=plain("x" * 25)))

    response = raised.value.response
    assert response["error"] == "invalid_arguments"
    assert response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (modal(private_metadata="x" * 3001), "invalid_arguments"),
        (modal(submit=None), "invalid_arguments"),
        (modal(blocks=[{"type": "markdown", "text": "x"}]), "invalid_arguments"),
        ({"type": "home", "blocks": []}, "invalid_arguments"),
        (modal(blocks=[text_input("n", hint=plain("x" * 2000)) | {"block_id": str(n)} for n in range(99)] * 2), ""),
    ],
)
def test_a_modal_is_checked_before_it_opens(client: WebClient, trigger: Any, view: Json, error: str) -> None:
    assert error_of(client.views_open, trigger_id=trigger(), view=view) == (error or "view_too_large")


def test_an_external_id_is_unique(client: WebClient, trigger: Any) -> None:
    client.views_open(trigger_id=trigger(), view=modal(external_id="mine"))

    again = error_of(client.views_push, trigger_id=trigger(), view=modal(external_id="mine"))

    assert again == "duplicate_external_id"


def test_an_unknown_view_is_not_found(client: WebClient) -> None:
    assert error_of(client.views_update, view_id="V1", view=modal()) == "not_found"


def test_a_click_in_a_modal_brings_what_was_entered_and_a_trigger_to_push_with(
    live: App, client: WebClient, trigger: Any, ada: Person
) -> None:
    @live.action("more")
    def clicked(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        name = body["view"]["state"]["values"]["name"]["name"]["value"]
        client.views_push(trigger_id=body["trigger_id"], view=modal(f"about {name}"))

    button = {"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": plain("More")}]}
    client.views_open(trigger_id=trigger(), view=modal(blocks=[text_input("name"), button]))

    ada.does("click", view_id=ada.modal()["id"], action_id="more", state={"name": {"name": {"value": "blue"}}})

    until(lambda: [view["callback_id"] for view in ada.modals()] == ["form", "about blue"], "the pushed modal")


def test_a_home_is_published_for_one_person_and_updated_by_hash(client: WebClient, ada: Person, lin: Person) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = client.views_publish(user_id=ada.id, view=home)["view"]

    client.views_publish(user_id=ada.id, view=home, hash=first["hash"])

    assert (ada.home() or {})["id"] == first["id"]
    assert lin.home() is None
    assert error_of(client.views_publish, user_id=ada.id, view=home, hash=first["hash"]) == "hash_conflict"


def test_without_a_home_tab_nothing_is_published(open_slack: OpenSlack) -> None:
    slack = open_slack(manifest=manifest_with(app_home={"home_tab_enabled": False}))
    client, control = WebClient(token=slack.bot_token, base_url=slack.api_url), Control(slack)

    refused = error_of(client.views_publish, user_id=Person(control, "ada").id, view={"type": "home", "blocks": []})

    assert refused == "not_enabled"
    control.http.close()
