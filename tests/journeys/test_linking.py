"""Linking the company's login, by a real OpenID provider, and everything that must not link anybody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.rules.words import Role
from tests.journeys import issuer as issuers
from tests.journeys.issuer import Browser, Issuer, Json
from tests.journeys.logins import ASKED, asked, claims, link_of, links, world_with
from tests.journeys.people import buttons, click, last, modal, text_of
from tests.sandbox.page.conftest import chromium
from tests.sandbox.slack.person import Person, until
from tests.world import Harbour, World, catalogue_of, launch, settings_for

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:authlib.jose")

TEAMS: list[Json] = [
    {"name": "payments", "members": [{"email": "lin@harbour.example", "role": "lead"}]},
    {"name": "search", "oidc_groups": ["search"]},
]


@pytest.fixture
def login() -> Iterator[Issuer]:
    """The company's login and those it knows."""
    with issuers.issuer(
        ada=claims("Ada@harbour.example", groups=["search", "everybody"]),
        brandt=claims("ada.brandt@harbour.example"),
        lin=claims("lin@harbour.example"),
        sam=claims("root@harbour.example", groups=["platform"]),
    ) as found:
        yield found


@pytest.fixture
def company(port: Harbour, tmp_path: Path, login: Issuer) -> Iterator[World]:
    """A company with a login."""
    with world_with(login, port, tmp_path, teams=TEAMS) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


def identity(world: World, who: Person) -> tuple[str, dict[str, Role], Role]:
    actor = world.berth.uses.people.identify("", who.id)
    return actor.email, dict(actor.teams), actor.role


def code_on(page: str) -> str:
    found = re.search(r"<strong class=code>([^<]+)<", page)
    assert found is not None
    return found[1]


def enter(who: Person, code: str) -> Json:
    form = modal(who, "Enter the code")
    block = next(block for block in form["blocks"] if block["type"] == "input")
    values = {"code": {block["element"]["action_id"]: {"type": "plain_text_input", "value": code}}}
    return who.does("submit", view_id=form["id"], values=values)


def test_a_login_that_slack_confirms_too_is_linked_by_one_click_and_brings_its_groups(
    company: World, login: Issuer, browser: Browser
) -> None:
    url = link_of(company, company.ada)
    page = browser.goes(url, "ada")
    before = identity(company, company.ada)
    question = asked(company, company.ada)
    click(company.ada, question, "That was me")
    until(lambda: identity(company, company.ada)[1] != {}, "the link")
    company.settle()

    assert before == ("ada@harbour.example", {}, Role.MEMBER)
    assert identity(company, company.ada) == ("ada@harbour.example", {"search": Role.MEMBER}, Role.MEMBER)
    assert "class=code" not in page.text
    assert "ada@harbour.example" in page.text
    told = text_of(company.says(company.ada, "/k8s whoami"))
    assert "Your company login: ada@harbour.example. This counts" in told
    assert "An admin’s mapping: no admin has mapped you" in told
    assert "Team search: member, by the group search of the company login" in told
    assert "That was me" not in buttons(last(company.ada, "You have linked"))
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert login.token_requests[0]["code_verifier"]


def test_a_login_with_another_address_needs_the_code_that_its_browser_shows(company: World, browser: Browser) -> None:
    page = browser.goes(link_of(company, company.ada), "brandt")
    click(company.ada, asked(company, company.ada), "That was me")
    wrong = enter(company.ada, "AAAA-AAAA")
    unlinked = identity(company, company.ada)
    enter(company.ada, code_on(page.text).lower())

    assert "not the code" in str(wrong)
    assert unlinked[0] == "ada@harbour.example"
    assert identity(company, company.ada)[0] == "ada.brandt@harbour.example"


def test_who_lures_somebody_into_their_link_does_not_become_them(company: World, browser: Browser) -> None:
    page = browser.goes(link_of(company, company.mio), "sam")
    click(company.mio, asked(company, company.mio), "That was me")
    for guess in ("AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC", "DDDD-DDDD", "", code_on(page.text)):
        enter(company.mio, guess or "EEEE")

    assert "mio" in page.text
    assert identity(company, company.mio) == ("mio@harbour.example", {}, Role.MEMBER)


def test_whoever_steals_a_link_does_not_give_their_login_to_its_owner(company: World, browser: Browser) -> None:
    browser.goes(link_of(company, company.ada), "lin")
    question = asked(company, company.ada)
    click(company.ada, question, "That was not me")
    until(lambda: _settled(company, "is not linked"), "the undoing")

    assert identity(company, company.ada)[0] == "ada@harbour.example"


def _settled(world: World, words: str) -> bool:
    world.work()
    return words in text_of(last(world.ada, "harbour.example"))


def test_a_stolen_click_confirms_nothing(company: World, browser: Browser) -> None:
    browser.goes(link_of(company, company.ada), "ada")
    question = asked(company, company.ada)
    click(company.ada, question, "That was not me")
    until(lambda: _settled(company, "is not linked"), "the undoing")
    clicked = company.harbour.control.payloads("block_actions")[-1]["payload"]
    browser.goes(link_of(company, company.ada), "ada")
    ticket = next(
        element["value"]
        for block in asked(company, company.ada)["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == "link.confirm"
    )
    action = clicked["actions"][0] | {"action_id": "link.confirm", "value": ticket}
    forged = clicked | {"user": clicked["user"] | {"id": company.mio.id}, "actions": [action]}
    company.harbour.control.post("/replay", kind="interactive", payload=forged)
    until(lambda: _told(company, "somebody else"), "the refusal")

    assert identity(company, company.mio) == ("mio@harbour.example", {}, Role.MEMBER)
    assert identity(company, company.ada)[1] == {}


def _told(world: World, words: str) -> bool:
    return any(words in text_of(row) for row in world.ada.sees(world.ada.channel()["id"]))


def test_a_link_opens_once_for_ten_minutes_and_only_in_the_browser_that_began(
    company: World, login: Issuer, browser: Browser
) -> None:
    url = link_of(company, company.ada)
    begun = browser.begins(url)
    replayed = browser.get(url)
    callback = browser.logs_in(begun.headers["location"], "ada")
    with Browser() as other:
        elsewhere = other.get(callback)
    tampered = browser.get(re.sub(r"state=[^&]+", "state=x", callback))
    arrived = browser.get(callback)
    again = browser.get(callback)

    late = link_of(company, company.ada)
    company.clock.advance(minutes=11)
    expired = browser.get(late)

    assert (begun.status_code, arrived.status_code) == (303, 200)
    for page in (replayed, elsewhere, tampered, again, expired):
        assert page.status_code == 400
        assert "/k8s link" in page.text
    assert len(login.token_requests) == 1


def test_what_only_opens_a_link_does_not_use_it_up(company: World, login: Issuer, browser: Browser) -> None:
    url = link_of(company, company.ada)
    with Browser() as scanner:
        looked = [scanner.get(url, method) for method in ("HEAD", "GET", "GET", "OPTIONS", "PUT")]

    page = browser.goes(url, "ada")

    assert [one.status_code for one in looked] == [200, 200, 200, 405, 405]
    assert page.status_code == 200
    assert "That was me" in buttons(asked(company, company.ada))


def test_only_the_page_that_a_browser_has_opened_begins_in_it(company: World, browser: Browser) -> None:
    url, another = link_of(company, company.ada), link_of(company, company.mio)
    with Browser() as elsewhere:
        their_page = elsewhere.get(url)
    forged = [
        browser.presses(their_page),  # a page of somebody else's sends its visitors' browsers here
        browser.post(url, {}),
        browser.presses(httpx.Response(200, text=browser.get(another).text, request=httpx.Request("GET", url))),
        browser.post(url, {"pressed": "é" * 9_000}),
    ]

    assert [one.status_code for one in forged] == [400] * 4
    assert all("Open the link in Slack again" in one.text for one in forged)
    assert browser.goes(url, "ada").status_code == 200


@pytest.mark.browser
@pytest.mark.slow
def test_in_a_real_browser_the_button_leads_to_the_login_wherever_that_is(company: World, login: Issuer) -> None:
    with chromium() as found:
        context = found.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark")
        page = context.new_page()
        page.goto(link_of(company, company.ada))
        width = page.evaluate("document.documentElement.scrollWidth")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{login.url}/**")
        context.close()

    assert width == 320


def test_a_new_link_ends_the_one_before_and_a_login_that_is_refused_links_nothing(
    company: World, browser: Browser
) -> None:
    first, second = link_of(company, company.ada), link_of(company, company.ada)
    begun = browser.begins(second)
    state = re.search(r"state=([^&]+)", begun.headers["location"])
    assert state is not None
    denied = browser.get(f"{company.berth.url}/oidc/callback?error=access_denied&state={state[1]}")

    assert browser.get(first).status_code == 400
    assert denied.status_code == 400
    assert "not logged in" in denied.text


LIES: dict[str, Any] = {
    "nonce": lambda said: said | {"nonce": "another"},
    "no nonce": lambda said: {name: value for name, value in said.items() if name != "nonce"},
    "audience": lambda said: said | {"aud": "another-client"},
    "two audiences, for another": lambda said: said | {"aud": ["berth", "other"], "azp": "other"},
    "issuer": lambda said: said | {"iss": "https://evil.example"},
    "expired": lambda said: said | {"exp": said["iat"] - 3600},
    "issued in the future": lambda said: said | {"iat": said["iat"] + 86400, "nbf": said["iat"] + 86400},
    "no end": lambda said: {name: value for name, value in said.items() if name != "exp"},
    "no subject": lambda said: said | {"sub": ""},
    "a number for a subject": lambda said: said | {"sub": 7},
    "unverified": lambda said: said | {"email_verified": False},
    "verified in words": lambda said: said | {"email_verified": "true"},
    "no e-mail": lambda said: said | {"email": None},
    "another domain": lambda said: said | {"email": "ada@elsewhere.example"},
    "a look-alike": lambda said: said | {"email": "r\u043eot@harbour.example"},
}
SIGNATURES = (issuers.unsigned, issuers.signed_with_the_public_key, issuers.signed_by_another)
ANSWERS: dict[str, tuple[int, str]] = {
    "/.well-known/openid-configuration": (500, "oops"),
    "/jwks": (200, "[1, 2"),
    "/oauth2/token": (200, '{"access_token": "x", "token_type": "Bearer"}'),
}


def test_what_a_login_says_is_not_believed_unless_all_of_it_is_right(
    company: World, login: Issuer, browser: Browser
) -> None:
    def tried() -> int:
        return browser.goes(link_of(company, company.ada), "ada").status_code

    for lie in LIES.values():
        login.said = lie
        assert tried() == 400, lie
    login.said = dict
    for sign in SIGNATURES:
        login.sign = sign
        assert tried() == 400, sign
    login.sign = None
    for path, answer in ANSWERS.items():
        login.instead = {path: answer}
        assert tried() == 400, path
    login.instead = {}

    company.settle()
    assert identity(company, company.ada) == ("ada@harbour.example", {}, Role.MEMBER)
    assert not [row for row in company.ada.sees(company.ada.channel()["id"]) if ASKED in text_of(row)]
    assert tried() == 200


def test_a_login_that_is_down_or_calls_itself_otherwise_is_told_in_words_and_the_link_still_works(
    company: World, login: Issuer, browser: Browser
) -> None:
    url = link_of(company, company.ada)
    login.instead = {"/.well-known/openid-configuration": (200, '{"issuer": "https://evil.example"}')}
    lying = browser.begins(url)
    login.instead = {"/.well-known/openid-configuration": (302, "")}
    moved = browser.begins(url)
    login.instead, login.cut = {"/.well-known/openid-configuration": (200, "{")}, True
    broken = browser.begins(url)
    login.instead = {}

    assert "does not answer" in broken.text
    assert "calls itself by another address" in lying.text
    assert "Try again" in moved.text
    assert browser.goes(url, "ada").status_code == 200


@pytest.mark.slow
def test_a_login_that_answers_by_drops_is_given_up(company: World, login: Issuer, browser: Browser) -> None:
    login.instead, login.trickles = {"/.well-known/openid-configuration": (200, "")}, True

    page = browser.begins(link_of(company, company.ada))

    assert "does not answer" in page.text


def test_one_subject_is_one_slack_user(company: World, login: Issuer, browser: Browser) -> None:
    browser.goes(link_of(company, company.ada), "ada")
    click(company.ada, asked(company, company.ada), "That was me")
    until(lambda: identity(company, company.ada)[1] != {}, "the link")
    login.says("ada", **claims("mio@harbour.example"))

    taken = browser.goes(link_of(company, company.mio), "ada")
    login.says("brandt", **claims("ada@harbour.example"))
    same_address = browser.goes(link_of(company, company.mio), "brandt")

    assert "Another Slack user is linked" in taken.text
    assert "Another Slack user is ada@harbour.example already" in same_address.text


def test_an_address_that_changes_counts_after_the_next_login_and_unlinking_ends_it(
    company: World, login: Issuer, browser: Browser
) -> None:
    company.harbour.control.post("/people/root", email="sam@harbour.example")
    browser.goes(link_of(company, company.ada), "ada")
    click(company.ada, asked(company, company.ada), "That was me")
    until(lambda: identity(company, company.ada)[1] != {}, "the link")
    login.says("ada", **claims("root@harbour.example"))
    unchanged = identity(company, company.ada)[0]

    page = browser.goes(link_of(company, company.ada), "ada")
    click(company.ada, asked(company, company.ada), "That was me")
    enter(company.ada, code_on(page.text))
    changed = identity(company, company.ada)
    company.says(company.ada, "/k8s unlink")

    assert unchanged == "ada@harbour.example"
    assert changed == ("root@harbour.example", {}, Role.ADMIN)
    assert identity(company, company.ada) == ("ada@harbour.example", {}, Role.MEMBER)
    assert "linked no company login" in text_of(company.says(company.ada, "/k8s unlink"))


def test_who_is_nobody_by_their_e_mail_can_prove_who_they_are(company: World, browser: Browser) -> None:
    company.harbour.control.post("/people/ada", email="ada@private.example")
    refused = company.says(company.ada, "/k8s create blue")

    page = browser.goes(link_of(company, company.ada), "ada")
    click(company.ada, asked(company, company.ada), "That was me")
    enter(company.ada, code_on(page.text))

    assert "/k8s link" in text_of(refused)
    assert identity(company, company.ada)[0] == "ada@harbour.example"


def test_pages_escape_what_others_chose_and_nothing_that_opens_a_door_is_kept(
    company: World, login: Issuer, browser: Browser, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    login.says("brandt", **claims("ada.brandt@harbour.example", groups=[hostile]))
    url = link_of(company, company.ada)
    page = browser.goes(url, "brandt")
    company.settle()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("berth.sqlite*")).decode("latin-1")
    printed = capfd.readouterr()
    assert "<script" not in page.text
    assert "\u202e" not in page.text
    for secret in (url.rpartition("/")[2], code_on(page.text).replace("-", ""), "a-client-secret"):
        assert secret not in kept
        assert secret not in printed.out + printed.err


def test_without_a_login_it_is_said_what_an_admin_can_do(port: Harbour, tmp_path: Path) -> None:
    settings = settings_for(port, f"sqlite:///{tmp_path / 'berth.sqlite'}")
    found = World(port, launch(port, settings, catalogue_of(tmp_path)))

    answer = text_of(found.says(found.ada, "/k8s link"))
    found.berth.stop()

    assert "identity.oidc" in answer
    assert "/k8s admin map" in answer


def test_groups_count_for_so_long_then_only_what_hangs_on_them_is_lost_and_a_new_login_brings_it_back(
    company: World,
) -> None:
    links(company, company.ada, "ada")
    company.says(company.ada, "/k8s create blue")
    company.settle()
    grows_older(company, company.ada, days=28)
    reminded = text_of(last(company.ada, "holds until"))
    grows_older(company, company.ada, days=3)
    outdated = identity(company, company.ada)

    links(company, company.ada, "ada")
    until(lambda: identity(company, company.ada)[1] == {"search": Role.MEMBER}, "the team")

    assert "`/k8s link` lets them count on" in reminded
    assert outdated == ("ada@harbour.example", {}, Role.MEMBER)
    with company.berth.store.read() as records:
        assert records.orphans.of(company.environment("blue").id) is None


def grows_older(world: World, who: Person, days: int) -> None:
    """Somebody's last login was so much longer ago; the day's look at them follows."""
    workspace = world.environment("blue").workspace_id
    with world.berth.store.begin() as records:
        link = records.identities.link(workspace, who.id)
        assert link is not None
        link.at -= timedelta(days=days)
        records.people.look_again(workspace, who.id)
    world.tick()
