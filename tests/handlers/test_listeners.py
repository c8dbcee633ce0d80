"""What a person types, clicks and sends is answered, also when something fails on the way."""

import re

from slack_sdk import WebClient
from structlog.testing import capture_logs

from bot.sandbox.cluster.faults import Fault
from handlers.ids import ActionId
from tests.journeys.people import buttons, click, direct, modal, text_of
from tests.sandbox.slack.person import Json, Person, until
from tests.world import World


def made(company: World, name: str) -> Json:
    """An environment of ada's that runs; gives its status message."""
    company.says(company.ada, f"/k8s create {name} template=web")
    company.settle()
    return company.says(company.ada, f"/k8s status {name}")


def newest(who: Person, containing: str) -> Json:
    """The newest message with these words in the person's conversation with Berth, once it is there."""
    return until(lambda: [row for row in direct(who) if containing in text_of(row)], f"a message: {containing}")[-1]


def home_of(who: Person) -> Json:
    """The person's Home, once there is one."""
    until(lambda: who.home() is not None, "the Home")
    return who.home() or {}


def closed(who: Person) -> None:
    """Every modal that stands open is closed."""
    for view in reversed(who.modals()):
        who.does("close", view_id=view["id"])


def test_a_misspelt_command_comes_back_mended_and_runs_by_a_click(company: World) -> None:
    said = company.says(company.ada, "/k8s creat  typo —size M")

    assert "You typed `/k8s creat typo --size M`" in text_of(said)
    assert "/k8s create typo size=m" in text_of(said)
    click(company.ada, said, "Run it")
    newest(company.ada, "Making `typo`")
    assert company.environment("typo").size == "m"


def test_a_run_it_takes_the_place_of_the_message_it_stood_in(company: World) -> None:
    said = company.says(company.ada, "/k8s lisst")

    click(company.ada, said, "Run it")

    newest(company.ada, "environments")
    assert not [row for row in direct(company.ada) if "lisst" in text_of(row)]


def test_a_missing_name_is_completed_by_a_click(company: World) -> None:
    made(company, "nameless")
    said = company.says(company.ada, "/k8s sleep")

    click(company.ada, said, "nameless")

    newest(company.ada, "Putting to sleep `nameless`")


def test_a_missing_duration_is_completed_by_a_click(company: World) -> None:
    made(company, "endless")
    said = company.says(company.ada, "/k8s extend endless")

    assert {"4h", "1d", "7d"} <= set(buttons(said))
    click(company.ada, said, "1d")

    newest(company.ada, "Kept `endless`")


def test_a_misspelt_name_to_delete_is_told_but_not_run_by_a_click(company: World) -> None:
    made(company, "precious")
    said = company.says(company.ada, "/k8s delete precius")

    assert "/k8s delete precious" in text_of(said)
    assert "Run it" not in buttons(said)


def test_a_name_taken_keeps_the_rest_of_the_line(company: World) -> None:
    made(company, "taken")
    said = company.says(company.ada, "/k8s create taken template=web size=m")

    assert "/k8s create taken-2 template=web size=m" in text_of(said)


def test_the_same_delivery_twice_changes_nothing(company: World) -> None:
    company.says(company.ada, "/k8s create twice")
    before = len(direct(company.ada))

    company.harbour.control.post("/redeliver")
    company.says(company.ada, "/k8s whoami")

    assert len(direct(company.ada)) == before + 1
    assert not [row for row in direct(company.ada) if "You have twice already" in text_of(row)]


def test_a_button_of_another_version_is_answered_with_what_is_so_now(company: World) -> None:
    slack = company.harbour.slack
    old = {"type": "button", "action_id": "long.gone", "text": {"type": "plain_text", "text": "Old"}, "value": "x"}
    posted = WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(
        channel=company.ada.channel()["id"], text="old", blocks=[{"type": "actions", "elements": [old]}]
    )

    company.ada.does("click", channel=posted["channel"], ts=posted["ts"], action_id="long.gone")

    said = newest(company.ada, "older version of Berth")
    assert ActionId.ENVIRONMENT_FORM in {button["action_id"] for button in buttons(said).values()}


def test_a_click_on_what_is_gone_is_refused_to_the_clicker_alone(company: World) -> None:
    status = made(company, "shortlived")
    click(company.ada, status, "Delete…")
    company.ada.does("submit", view_id=modal(company.ada, "goes for good")["id"], values={})
    closed(company.ada)
    company.settle()

    click(company.ada, status, "Sleep now")

    said = newest(company.ada, "no longer exists")
    assert said["ephemeral"]
    assert "Sleep now" in buttons(next(row for row in direct(company.ada) if row["ts"] == status["ts"]))


def test_a_kubeconfig_is_shown_in_a_modal_and_in_no_message(company: World) -> None:
    click(company.ada, made(company, "open"), "Connect")

    shown = text_of(modal(company.ada, "kubectl --kubeconfig"))
    token = re.search(r"token: (\S+)", shown)

    assert token
    assert not [row for row in direct(company.ada) if token[1] in text_of(row)]
    closed(company.ada)


def test_a_cluster_that_fails_is_told_in_the_modal(faulty: World) -> None:
    status = made(faulty, "unlucky")
    assert faulty.harbour.sandbox
    faulty.harbour.sandbox.faults.add(Fault(status=503, times=None))

    click(faulty.ada, status, "Delete…")

    assert "I cannot see what `unlucky` holds" in text_of(modal(faulty.ada, "cannot see"))
    closed(faulty.ada)


def test_a_window_that_slack_does_not_open_is_told(faulty: World) -> None:
    faulty.harbour.control.post("/faults", method="views.open", status=200, error="expired_trigger_id", times=1)

    faulty.ada.does("command", channel=faulty.ada.channel()["id"], text="/k8s create")

    assert newest(faulty.ada, "expired_trigger_id")["ephemeral"]


def test_what_is_wrong_with_a_form_stands_beneath_its_field(company: World) -> None:
    made(company, "formed")
    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s create size=m")
    view = modal(company.ada, "Name")

    answer = company.ada.does("submit", view_id=view["id"], values={"name": {"value": {"value": "formed"}}})

    assert "You have formed already" in answer["errors"]["name"]
    closed(company.ada)


def test_the_home_acts_and_shows_what_came_of_it(company: World) -> None:
    made(company, "homely")
    company.ada.does("open_home", tab="home")
    home = home_of(company.ada)
    ours = company.environment("homely").id
    button = next(
        element
        for block in home["blocks"]
        for element in block.get("elements", [])
        if element.get("value") == ours and element["action_id"].startswith("environment.sleep")
    )

    company.ada.does("click", view_id=home["id"], action_id=button["action_id"])

    modal(company.ada, "Putting to sleep `homely`")
    until(lambda: "`homely`* is falling asleep" in text_of(company.ada.home() or {}), "the Home shows it")
    closed(company.ada)


def test_the_home_of_somebody_refused_says_why(company: World) -> None:
    company.gus.does("open_home", tab="home")

    assert "Guests cannot have environments" in text_of(home_of(company.gus))


def test_a_changed_address_counts_at_the_next_command(company: World) -> None:
    company.says(company.mio, "/k8s whoami")

    company.harbour.control.post(f"/people/{company.mio.id}", email="mio.sato@harbour.example")

    until(lambda: "mio.sato@harbour.example" in text_of(company.says(company.mio, "/k8s whoami")), "the new address")


def test_what_breaks_is_told_by_the_reference_that_is_in_the_log(company: World) -> None:
    company.says(company.ada, "/k8s create costly")
    with company.berth.store.transaction(writes=True) as connection:
        connection.exec_driver_sql("ALTER TABLE usage_span RENAME TO hidden")
    with capture_logs() as logged:
        said = company.says(company.ada, "/k8s cost")
    with company.berth.store.transaction(writes=True) as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO usage_span")

    reference = re.search(r"BR-[A-Z0-9]{6}", text_of(said))
    assert reference
    assert "usage_span" not in text_of(said)
    assert [row for row in logged if row.get("reference") == reference[0] and "exc_info" in row]


def test_an_answer_finds_another_way_where_slack_takes_no_response(faulty: World) -> None:
    said = faulty.says(faulty.ada, "/k8s")
    faulty.harbour.control.post("/faults", method="response_url", status=404, times=1)

    click(faulty.ada, said, "Help")

    assert newest(faulty.ada, "All that `/k8s` can do")["ephemeral"]


def test_an_answer_comes_as_a_direct_message_where_nothing_else_is_left(faulty: World) -> None:
    said = faulty.says(faulty.ada, "/k8s")
    faulty.harbour.control.post("/faults", method="response_url", status=404, times=1)
    faulty.harbour.control.post("/faults", method="chat.postEphemeral", status=200, error="not_in_channel", times=1)

    click(faulty.ada, said, "Costs")

    assert not newest(faulty.ada, "What it cost").get("ephemeral")


def test_an_error_before_anybody_is_known_is_told_too(faulty: World) -> None:
    faulty.harbour.control.post("/faults", method="users.info", status=500, times=None)

    said = faulty.says(faulty.root, "/k8s list")

    assert "Slack did not tell me who you are" in text_of(said)
    assert "/k8s list" in text_of(said)


def test_a_window_that_slack_does_not_let_fill_is_told_and_shows_no_secret(faulty: World) -> None:
    made(faulty, "curtained")
    faulty.harbour.control.post("/faults", method="views.update", status=200, error="internal_error", times=1)

    faulty.ada.does("command", channel=faulty.ada.channel()["id"], text="/k8s connect curtained")

    said = newest(faulty.ada, "did not let me fill the window")
    assert said["ephemeral"]
    assert "token" not in text_of(said)
    closed(faulty.ada)


def test_who_connects_to_what_sleeps_is_told_so(company: World) -> None:
    made(company, "dozing")
    company.says(company.ada, "/k8s sleep dozing")
    company.settle()

    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s connect dozing")

    said = text_of(modal(company.ada, "kind: Config"))
    assert "`dozing` is asleep*, so nothing runs in it: `/k8s wake dozing`" in said
    closed(company.ada)


def test_a_name_that_cannot_be_used_as_typed_is_told(company: World) -> None:
    said = company.says(company.ada, "/k8s create “Grüne Wiese”")

    assert "I call it `grune-wiese`: names have letters" in text_of(said)


def test_the_question_before_deleting_names_what_would_wake(company: World) -> None:
    made(company, "resting")
    company.says(company.ada, "/k8s sleep resting")
    company.settle()

    company.ada.does("command", channel=company.ada.channel()["id"], text="/k8s delete resting")

    assert "Deployment web (1 replica)" in text_of(modal(company.ada, "Deployment web"))
    closed(company.ada)


def test_whoami_names_the_account_that_the_cluster_knows(company: World) -> None:
    said = company.says(company.ada, "/k8s whoami")

    assert re.search(rf"system:serviceaccount:berth:user-t\w+-{company.ada.id.lower()}`", text_of(said))
