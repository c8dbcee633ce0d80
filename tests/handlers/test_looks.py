"""Whatever is shown, Slack takes it, and nobody's text becomes markup in it."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import builtin
from bot.rules.actors import Actor
from bot.rules.adoption import Spell, Weekly
from bot.rules.catalogue import Catalogue, ClusterSpec, Oidc, Prices, Size, Team, Template
from bot.rules.identity import Considered, Identity, Login, Resolution, Way
from bot.rules.membership import Membership, Roles
from bot.rules.outlook import Outlook
from bot.rules.permissions import Action
from bot.rules.policy import Policy
from bot.rules.raises import raise_days
from bot.rules.words import Phase, Role, Verb
from bot.seams.slack import Message
from bot.usecases.access import Kubeconfig
from bot.usecases.adoption import Figures
from bot.usecases.announcing import Announcement
from bot.usecases.auditing import Page as AuditPage
from bot.usecases.bulk import Planned
from bot.usecases.bulk import Shown as BulkShown
from bot.usecases.costs import CostReport
from bot.usecases.environments import Inventory
from bot.usecases.identities import Known
from bot.usecases.limit_settings import Allowance, Book
from bot.usecases.outlooks import Explanation
from bot.usecases.overview import Stretch, Summary
from bot.usecases.refusal import Refusal
from bot.usecases.revocations import Revoked
from bot.usecases.schedule import Scheduled
from bot.usecases.sharing import Share, Shared
from bot.usecases.wishes import OverLimit, Wish, WishKind
from handlers.access import sharing_views as sharing
from handlers.access import views as access
from handlers.access.whoami import explained, refused
from handlers.admin import adoption, announcing, audit_views, bulk_views, overview_views
from handlers.admin import views as admin
from handlers.blocks import View, message, option, section
from handlers.costs import views as costs
from handlers.environments import forms, resizing, views
from handlers.environments.forms import Prefilled
from handlers.environments.views import Page, Shown
from handlers.grammar import ROWS, Command, Vocabulary
from handlers.grants import shared_with
from handlers.help import views as help_
from handlers.home import views as home
from handlers.ids import ActionId, original
from handlers.limits import asking
from handlers.limits import standing as limit_views
from handlers.mistakes import GrammarError
from handlers.notices import RENDERERS, render
from handlers.outlook import told as told_of
from handlers.parsing import parse
from handlers.sleep import forms as sleep_forms
from handlers.sleep import schedule, why
from handlers.sleep.listeners import duration_of, instant_of
from handlers.trouble import Asked, told, trouble_view, words_of
from store.audit import Audited, AuditQuery
from store.tables import AccessGrant, Environment, LimitRequest, Person
from tests.handlers import rows
from tests.handlers.slack_rules import action_ids, references, refuse_no_view, refuse_nothing, texts

patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def said(shown: Message) -> str:
    """All that is read of a message."""
    return "\n".join([shown.text, *texts(list(shown.blocks))])


_LINK = re.compile(r"<(https?|mailto):")


def buttons(shown: Message | dict[str, Any]) -> set[str]:
    """What can be clicked."""
    blocks = list(shown.blocks) if isinstance(shown, Message) else shown["blocks"]
    return {original(action) for action in action_ids(blocks)}


@pytest.mark.parametrize("kind", RENDERERS)
@given(data=st.data(), tz=rows.zone)
@patient
def test_every_notice_is_one_that_slack_takes_whatever_the_facts(kind: str, data: st.DataObject, tz: str) -> None:
    facts = data.draw(rows.FACTS[kind])

    shown = render(kind, facts, tz)

    refuse_nothing(shown)
    links = {one for one in references(shown) if _LINK.match(one)} if kind == "announcement" else set()
    assert references(shown) == links  # an admin's own words may have some
    assert buttons(shown) <= set(ActionId)


def test_every_kind_of_notice_is_tested() -> None:
    assert set(rows.FACTS) == set(RENDERERS)


@pytest.mark.slow
@given(rows.page)
@patient
def test_lists_and_the_home_fit_whatever_the_names(page: Page) -> None:
    for shown in (views.overview(page), views.listing(page)):
        refuse_nothing(shown)
        assert references(shown) == set()
    refuse_no_view(home.of_person(page, rows.NOW))


@given(rows.shown, rows.zone, st.lists(rows.text, max_size=30))
@patient
def test_a_status_fits_whatever_the_row(shown: Shown, tz: str, remarks: list[str]) -> None:
    status = views.status(shown, tz, remarks)

    refuse_nothing(status)
    assert references(status) == set()


@given(rows.shown, st.lists(rows.grant, max_size=30), rows.zone)
@patient
def test_sharing_fits_whatever_is_shared_with_whom(shown: Shown, grants: list[AccessGrant], tz: str) -> None:
    row = shown.environment
    shares = [Share(one, row.name, in_force=bool(at % 2)) for at, one in enumerate(grants)]
    listed = shared_with(row, shares, tz, removable=True)
    given = [sharing.given(Shared(row, one, earlier=grants[0], called=row.name), tz) for one in grants]
    taken = [sharing.taken(Shared(row, grant)) for grant in grants]

    for answer in (views.status(shown, tz, [], listed), *given, *taken):
        refuse_nothing(answer)
        assert references(answer) == set()


_WHY = ("status", "schedule", "wake", "sleep", "extend", "exempt.end")


@given(rows.shown, rows.explanation, st.lists(rows.text, max_size=30), rows.zone)
@patient
def test_why_fits_whatever_the_rules_and_mentions_nobody_but_people(
    shown: Shown, found: Explanation, remarks: list[str], tz: str
) -> None:
    said = why.explained(shown, found, remarks, tz)

    refuse_nothing(said)
    assert references(said) == set()
    assert buttons(said) <= {f"environment.{word}" for word in _WHY}


@given(rows.environment, rows.policy, rows.outlook, st.booleans(), rows.text, rows.zone)
@patient
def test_schedules_fit_whatever_the_rules(
    row: Environment, policy: Policy, outlook: Outlook, changed: bool, copied: str, tz: str
) -> None:
    found, coming = Scheduled(row, policy, changed, copied), told_of(outlook, tz)

    for shown in (schedule.applying(found, coming, tz), schedule.settled(found, coming)):
        refuse_nothing(shown)
        assert references(shown) == set()


@pytest.mark.slow
@given(st.lists(rows.standing, max_size=30), rows.zone)
@patient
def test_limits_fit_whatever_is_limited(standings: list[Allowance], tz: str) -> None:
    for shown in (limit_views.mine(standings, tz), limit_views.book(Book(standings, whole=True), tz)):
        refuse_nothing(shown)
        assert references(shown) == set()


@given(rows.wish, rows.environment, rows.text, rows.slack_id)
@patient
def test_forms_about_limits_are_ones_that_slack_takes(wish: Wish, row: Environment, reason: str, asker: str) -> None:
    request = LimitRequest(
        workspace_id="T1", asker_id=asker, owner_id=asker, approvers="leads", wish=wish.kept(), reason=reason
    )

    days = raise_days(datetime.now(UTC), "Asia/Tokyo", timedelta(days=90))
    for form in (asking.ask_form(wish, "{}"), asking.until_form(request, days), asking.deny_form(request)):
        refuse_no_view(form.block())
    sizes = [option(one.name, description=forms.size_words(one)) for one in builtin.SIZES]
    refuse_no_view(resizing.resize_form(row, sizes).block())


@given(
    st.lists(st.builds(Planned, rows.environment, st.just("") | rows.text), max_size=60),
    st.sampled_from([verb for verb in Verb if verb is not Verb.ANNOUNCE]),
    rows.text,
    rows.zone,
)
@patient
def test_what_admins_are_shown_before_many_fits(planned: list[Planned], verb: Verb, typed: str, tz: str) -> None:
    args = {"duration": typed, "to": typed}

    view = bulk_views.plan(BulkShown("plan", verb, args, planned), tz)

    refuse_no_view(view.block())
    assert references(Message("", view.blocks)) == set()
    for shown in (admin.paused(typed), admin.resumed(was_paused=True)):
        refuse_nothing(shown)


@pytest.mark.slow
@given(st.lists(rows.audited, max_size=10), rows.zone)
@patient
def test_the_audit_log_fits_whatever_stands_in_it(audited: list[Audited], tz: str) -> None:
    query = AuditQuery("T1", rows.NOW, rows.NOW, "U012ABCDEF", ("x" * 16,) * 500)

    view = audit_views.page(AuditPage(query, audited, [""] * len(audited), 10, 5_000), tz)

    refuse_no_view(view.block())
    assert references(Message("", view.blocks)) == set()


@given(rows.text, rows.text, st.dictionaries(rows.text, st.just(Spell(2, 1, timedelta(0), timedelta(9))), max_size=30))
@patient
def test_adoption_and_announcements_fit(text: str, cluster: str, teams: dict[str, Spell]) -> None:
    figures = Figures(rows.NOW, [Weekly(rows.NOW, 1, 2, 3)] * 8, Spell(0, 0, None, None), teams, [(text, text, 2)] * 30)
    announced = announcing.planned(Announcement("plan", text, cluster, 3), "U012ABCDEF")

    for view in (adoption.shown(figures, "UTC"), announced):
        refuse_no_view(view.block())
    assert references(Message("", adoption.shown(figures, "UTC").blocks)) == set()
    assert not [one for one in references(Message("", announced.blocks)) if not _LINK.match(one)]


@pytest.mark.slow
@given(rows.summary, rows.stretch, rows.zone)
@patient
def test_the_admins_overview_fits_whatever_there_is(summary: Summary, stretch: Stretch, tz: str) -> None:
    teams = [Team(name) for name in (rows.HOSTILE, "payments", *map(str, range(150)))]
    catalogue = Catalogue([ClusterSpec("main")], [], [], teams)

    view = overview_views.everything(summary, stretch, catalogue, tz)

    refuse_no_view(view.block())
    assert references(Message("", view.blocks)) == set()
    refuse_no_view(home.of_person(Page([], tz), rows.NOW, summary))


@given(rows.report, rows.zone)
@patient
def test_costs_fit_whatever_the_lines(report: Any, tz: str) -> None:
    shown = costs.report(report, tz)

    refuse_nothing(shown)
    refuse_no_view(View("Berth", shown.blocks).block())
    assert references(shown) == set()


@given(rows.text, rows.text, rows.text, st.lists(rows.text, max_size=9))
@patient
def test_every_refusal_fits_and_mentions_nobody_but_people(
    problem: str, hint: str, typed: str, choices: list[str]
) -> None:
    asked = Asked(typed, Command("status", {"name": typed}))

    shown = told(Refusal(problem, hint, choices=tuple(choices)), asked)

    refuse_nothing(shown)
    assert references(shown) == set()
    refuse_no_view(trouble_view("Berth", Refusal(problem, hint)).block())


@given(st.text())
@patient
def test_every_error_of_grammar_fits(typed: str) -> None:
    try:
        parse(typed, Vocabulary())
    except GrammarError as error:
        refuse_nothing(told(error, Asked(typed, names=("blue", rows.HOSTILE))))


def test_several_mistakes_are_listed_with_one_line_that_is_right_to_copy() -> None:
    with pytest.raises(GrammarError) as raised:
        parse("create blue size=huge ttl=soon", Vocabulary(sizes=("s", "m")))

    shown = told(raised.value, Asked("create blue size=huge ttl=soon"))

    assert "2 things are wrong:" in shown.text
    assert "• There is no size “huge”. Choose one of s, m." in said(shown)
    assert "• TTL" in said(shown)
    assert "Write it like this: `/k8s create blue size=s ttl=4h`" in said(shown)
    assert buttons(shown) == set()


def test_several_limits_are_listed_and_one_is_a_sentence() -> None:
    wish = Wish(WishKind.CREATE, name="two")
    several = told(
        OverLimit(["You may have at most 1 environment", "Team a may have at most 2"], "", wish, [], can_ask=True)
    )
    one = told(OverLimit(["You may have at most 1 environment"], "", wish, [], can_ask=True))

    assert "2 limits stand in the way:\n• You may have at most 1 environment.\n• Team a may have" in said(several)
    assert "•" not in said(one)


@pytest.mark.parametrize("value", ["99999d", "-4h", "0h", "soon", ""])
def test_a_made_up_duration_of_a_button_is_refused_like_any_odd_value(value: str) -> None:
    with pytest.raises(Refusal, match="uration"):
        duration_of(value)


@pytest.mark.parametrize("value", ["9" * 30, "x", "-1e9"])
def test_a_made_up_end_of_a_button_is_refused_too(value: str) -> None:
    with pytest.raises(Refusal):
        instant_of(value)


def test_a_name_at_the_beginning_of_what_failed_stays_as_it_is() -> None:
    failed = {"state": "FAILED", "remark": "three no longer exists. Type it again.", "by": "U012ABCDEF"}

    assert "three no longer exists" in said(render("answer", failed, "UTC"))


@pytest.mark.parametrize("word", ROWS)
def test_help_fits_for_every_command(word: str) -> None:
    refuse_nothing(help_.one(word))
    assert f"/k8s {word}".strip() in said(help_.everything())


@given(rows.environment, st.lists(rows.text), st.lists(rows.text), rows.text)
@patient
def test_every_modal_fits_whatever_is_in_it(
    row: Environment, workloads: list[str], volumes: list[str], secret: str
) -> None:
    refuse_no_view(forms.delete_form(row, Inventory(workloads, volumes)).block())
    refuse_no_view(sleep_forms.exempt_form(row).block())
    refuse_no_view(forms.loading(row.name, row.title).block())
    for config in (Kubeconfig(secret, rows.NOW, row.namespace), Kubeconfig(secret, None, row.namespace, secret)):
        for works in (True, False):
            refuse_no_view(access.kubeconfig(row, config, "UTC", works=works).block())
    refuse_no_view(access.disconnected([Revoked(secret), Revoked(row.name, secret)], [secret]).block())


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on this machine: install one to run this")
def test_the_recipe_to_merge_leaves_a_kubeconfig_that_only_its_owner_reads(tmp_path: Path) -> None:
    row, config = rows.an_environment(), Kubeconfig("kind: Config\n", rows.NOW, "berth-main")
    shown = said(Message("", access.kubeconfig(row, config, "UTC", works=True).blocks))
    recipe = next(line for line in shown.replace("&gt;", ">").replace("&amp;", "&").split("`") if "--flatten" in line)
    (tmp_path / "berth-blue.yaml").write_text("apiVersion: v1\nkind: Config\ncurrent-context: berth-main\n")

    for _ in range(2):  # without a kubeconfig before, and with one
        home = {**os.environ, "HOME": str(tmp_path)}
        subprocess.run(["/bin/sh", "-c", f"umask 022; {recipe}"], cwd=tmp_path, env=home, check=True)

    merged = tmp_path / ".kube" / "config"
    assert merged.stat().st_mode & 0o777 == 0o600
    assert "current-context: berth-main" in merged.read_text()


@given(st.lists(rows.text, min_size=1, max_size=120, unique=True), st.lists(rows.text, min_size=1, max_size=9))
@patient
def test_the_form_fits_whatever_the_company_configured(templates: list[str], sizes: list[str]) -> None:
    catalogue = Catalogue(
        clusters=[ClusterSpec("main")],
        templates=[Template(name, name) for name in templates],
        sizes=[Size(name, "1", "1Gi", "1Gi", 5) for name in sizes],
    )

    refuse_no_view(forms.create_form(catalogue, ["payments", "search"], Prefilled(ttl=timedelta(hours=5))).block())


@given(
    rows.text,
    rows.text,
    st.lists(st.builds(Membership, st.none() | rows.text, st.sampled_from(Role), rows.text)),
    st.lists(
        st.builds(Login, st.just("https://login") | rows.text, rows.text, rows.text, st.lists(rows.text)), max_size=1
    ),
    st.lists(
        st.builds(
            Oidc,
            st.just("https://login") | rows.text,
            rows.text,
            st.sampled_from(["email", "sub"]),
            rows.text,
            st.none() | rows.text,
        ),
        max_size=40,
    ),
)
@patient
def test_whoami_fits(
    email: str, tz: str, memberships: list[Membership], logins: list[Login], issuers: list[Oidc]
) -> None:
    actor = Actor("T1", "U012ABCDEF", email, email, tz, Role.MEMBER, None)
    ways = (Considered(Way.MAPPING, "", email), Considered(Way.LINK, email), Considered(Way.EMAIL, email))
    known = Known(
        Person(workspace_id="T1", id="U012ABCDEF", home_workspace_id="T1", name=email, fetched_at=rows.NOW),
        Resolution(Identity(email, Way.LINK), ways),
        Roles(None, {}, Role.MEMBER, memberships),
        actor,
        login=next(iter(logins), None),
    )

    clusters = [ClusterSpec("main"), *(ClusterSpec(f"c{i}", oidc=one) for i, one in enumerate(issuers))]

    for shown in (explained(known, clusters), refused(known, Refusal(f"No {email}", tz))):
        refuse_nothing(shown)
        assert references(shown) == set()


def test_a_cluster_of_the_linked_issuer_knows_one_by_its_subject_and_the_groups_of_the_link() -> None:
    person = Person(workspace_id="T1", id="U012ABCDEF", home_workspace_id="T1", name="ada", fetched_at=rows.NOW)
    actor = Actor("T1", "U012ABCDEF", "ada@corp.example", "ada", "UTC", Role.MEMBER, None)
    identity = Identity("ada@corp.example", Way.LINK)
    login = Login("https://login", "0815", "ada@corp.example", ("search", "everybody"))
    resolution = Resolution(identity, (Considered(Way.LINK, identity.email),))
    known = Known(person, resolution, Roles(None, {}, Role.MEMBER, ()), actor, login=login)
    issuers = {
        "main": Oidc("https://login", "k8s", "sub", "corp:", "corp:"),
        "west": Oidc("https://login", "k8s"),
        "east": Oidc("https://other", "k8s", groups_prefix="o:"),
    }

    told = said(explained(known, [ClusterSpec(name, oidc=oidc) for name, oidc in issuers.items()]))

    at = "`main`: by the login at `https://login` you are"
    assert f"{at} `corp:0815`, in the groups `corp:everybody`, `corp:search`" in told
    assert "you are `oidc:ada@corp.example`, and its groups count for nothing" in told
    assert "you are `oidc:ada@corp.example`, in the groups that it tells, each as `o:GROUP`" in told


@given(st.lists(rows.text, max_size=120))
@patient
def test_too_much_is_left_out_and_that_is_said(paragraphs: list[str]) -> None:
    shown = message("Much", [section(text) for text in paragraphs])

    refuse_nothing(shown)
    assert len(shown.blocks) >= min(len(paragraphs), 1)


def test_a_warning_says_when_why_and_what_last_kept_it_awake_in_the_readers_zone() -> None:
    facts = {
        "environment_id": "1",
        "name": "blue",
        "owner_id": "U012ABCDEF",
        "deadline": "2026-11-23T12:00:00+00:00",
        "rule": "unused for 4h (team payments)",
        "last_activity_at": "2026-11-23T08:00:00+00:00",
        "last_activity_by": "<@U012ABCDEF>",
        "last_activity_what": "changed Deployment web",
        "stops": ["Deployment web (2 replicas)"],
        "outcome": None,
    }

    shown = render("idle_warning", facts, "Asia/Tokyo")

    assert "|Mon 23 Nov 2026, 21:00 JST>" in said(shown)
    assert "unused for 4h (team payments)" in said(shown)
    assert "by <@U012ABCDEF>: changed Deployment web" in said(shown)
    assert "Deployment web (2 replicas)" in said(shown)
    assert buttons(shown) == {"environment.extend", "environment.sleep", "environment.exempt", "environment.why"}


def labels(shown: Message) -> list[str]:
    """What stands on the buttons."""
    rows_of_buttons = [block["elements"] for block in shown.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows_of_buttons for element in row]


@pytest.mark.parametrize(
    ("morning", "label"),
    [
        ("2026-11-24T08:00:00+00:00", "Until tomorrow morning"),
        ("2026-11-26T08:00:00+00:00", "Until Thursday morning"),
        ("2026-11-23T09:00:00+00:00", "Until the morning"),
    ],
)
def test_the_morning_is_called_what_it_is_in_the_readers_zone(morning: str, label: str) -> None:
    facts = {"environment_id": "1", "name": "blue", "deadline": "2026-11-23T05:00:00+00:00", "morning": morning}

    assert label in labels(render("idle_warning", facts, "Europe/Berlin"))


def test_pods_that_nothing_brings_back_end_only_where_somebody_agrees_that_they_do() -> None:
    facts = {"environment_id": "1", "name": "blue", "pods": ["debug", "probe"]}

    shown = render("idle_warning", facts, "UTC")
    ending = next(e for b in shown.blocks if b["type"] == "actions" for e in b["elements"] if "confirm" in e)

    assert ending["text"]["text"] == "Sleep now, end 2 pods"
    assert ending["value"] == "1 pods"
    assert "debug, probe" in ending["confirm"]["text"]["text"]
    assert "Nothing brings them back" in ending["confirm"]["text"]["text"]
    assert not [one for one in labels(render("idle_warning", {"name": "blue"}, "UTC")) if "end" in one]


def test_a_warning_says_what_staying_awake_costs() -> None:
    facts = {"environment_id": "1", "name": "blue", "hourly": "0.0712", "currency": "EUR"}

    assert "Awake it costs 0.07 EUR an hour more than asleep" in said(render("idle_warning", facts, "UTC"))


@pytest.mark.parametrize(
    ("longest", "steps"),
    [
        (30 * 86_400, ["Keep 1 more day", "Keep 1 more week"]),
        (3 * 86_400, ["Keep 1 more day"]),
        (8 * 3_600, ["Keep 8 hours more"]),
    ],
)
def test_no_button_promises_more_than_the_company_lets_an_end_be_put_off(longest: int, steps: list[str]) -> None:
    facts = {"environment_id": "1", "name": "blue", "expires_at": rows.NOW.isoformat(), "longest_s": longest}

    assert labels(render("expiry_warning", facts, "UTC")) == [*steps, "Delete…"]


def test_what_holds_no_volumes_says_so_before_its_end() -> None:
    facts = {"environment_id": "1", "name": "blue", "volumes": []}

    assert "no volumes" in said(render("expiry_warning", facts, "UTC"))
    assert "no volumes" in said(render("ended", facts, "UTC"))


def test_a_status_says_who_lets_it_never_sleep_and_why_with_a_button_that_ends_it() -> None:
    row = rows.an_environment(never_sleep_reason="a <!channel> demo", never_sleep_by="U012ABCDEF")

    shown = views.status(Shown(row, frozenset(Action)), "UTC")

    assert "Never sleeps by itself: a &lt;!channel&gt; demo (<@U012ABCDEF>)" in said(shown)
    assert "environment.exempt.end" in buttons(shown)


@pytest.mark.parametrize(
    ("outcome", "words", "left"),
    [
        ({"kind": "kept", "by": "U012ABCDEF", "until": "2026-11-23T12:00:00+00:00"}, "Kept awake until", set()),
        ({"kind": "slept", "by": "berth", "at": "2026-11-23T12:00:00+00:00"}, "by Berth", {"environment.wake"}),
        ({"kind": "asleep", "by": "berth", "reason": "x"}, "Asleep since", {"environment.wake"}),
        ({"kind": "woken", "by": "U012ABCDEF"}, "Awake again: woken", set()),
        ({"kind": "exempt", "by": "U012ABCDEF", "reason": "demo"}, "never sleeps", {"environment.exempt.end"}),
        ({"kind": "lifted", "by": "U012ABCDEF"}, "lets it sleep again", set()),
        ({"kind": "used", "by": "<@U012ABCDEF>", "at": "2026-11-23T12:00:00+00:00", "what": "x"}, "stays awake", set()),
        ({"kind": "gone"}, "gone", set()),
    ],
)
def test_an_answered_warning_has_the_answer_in_place_of_its_buttons(
    outcome: dict[str, str], words: str, left: set[str]
) -> None:
    shown = render("idle_warning", {"environment_id": "1", "name": "blue", "outcome": outcome}, "UTC")

    assert words in said(shown)
    assert buttons(shown) == left


def test_a_warning_of_the_end_names_what_is_lost() -> None:
    facts = {"environment_id": "1", "name": "blue", "expires_at": rows.NOW.isoformat(), "volumes": ["data 5Gi"]}

    shown = render("expiry_warning", facts, "Europe/Berlin")

    assert "data 5Gi" in said(shown)
    assert "Mon 23 Nov 2026, 09:00 CET" in said(shown)
    assert buttons(shown) == {"environment.extend", "environment.delete"}


def test_progress_shows_the_steps_and_what_failed_and_why() -> None:
    steps = [("namespace", "done"), ("limits", "failed"), ("access", "waiting"), ("template", "waiting")]
    facts = {
        "environment_id": "1",
        "name": "blue",
        "operation": "create",
        "phase": "PROVISIONING",
        "steps": [{"name": name, "state": state} for name, state in steps],
        "problem": "the quota of the cluster is used up",
        "retry_at": "2026-11-23T12:00:00+00:00",
    }

    shown = render("progress", facts, "UTC")

    assert "provisioning → ✓ namespace → ✗ limits failed → access → template → running" in said(shown)
    assert "the quota of the cluster is used up" in said(shown)
    assert "Mon 23 Nov 2026, 12:00 UTC" in said(shown)


@pytest.mark.parametrize(
    ("operation", "phase", "words", "first"),
    [
        ("create", Phase.RUNNING, "is running", "environment.connect"),
        ("wake", Phase.RUNNING, "awake and as it was", "environment.connect"),
        ("sleep", Phase.SLEEPING, "asleep; nothing was lost", "environment.wake"),
        ("create", Phase.FAILED, "could not be made", "environment.wake"),
        ("sleep", Phase.RUNNING, "falling asleep", "environment.wake"),
        ("wake", Phase.SLEEPING, "waking up", "environment.connect"),
    ],
)
def test_progress_ends_with_what_can_be_done_next(operation: str, phase: Phase, words: str, first: str) -> None:
    shown = render("progress", {"environment_id": "1", "name": "b", "operation": operation, "phase": phase}, "UTC")

    assert words in said(shown)
    assert action_ids(list(shown.blocks))[0] == first


@pytest.mark.parametrize(
    ("operation", "phase", "words"),
    [
        ("create", Phase.RUNNING, "was made. Since then: put to sleep"),
        ("create", Phase.PROVISIONING, "was being made, but not to the end. Overtaken: put to sleep"),
        ("create", Phase.FAILED, "could not be made. Since then:"),
        ("wake", Phase.WAKING, "was waking up, but not to the end. Overtaken:"),
        ("sleep", Phase.RUNNING, "was falling asleep, but not to the end. Overtaken:"),
        ("sleep", Phase.SLEEPING, "fell asleep. Since then:"),
    ],
)
def test_what_was_overtaken_says_by_what_whom_and_why_and_has_no_buttons(
    operation: str, phase: Phase, words: str
) -> None:
    over = {"operation": "sleep", "by": "U012ABCDEF", "reason": "unused", "at": "2026-11-23T12:00:00+00:00"}
    facts = {"environment_id": "1", "name": "b", "operation": operation, "phase": phase, "over": over}

    shown = render("progress", facts, "UTC")

    assert words in shown.text
    assert "Mon 23 Nov 2026, 12:00 UTC> by <@U012ABCDEF>: unused." in said(shown)
    assert buttons(shown) == set()


def test_pods_that_ended_with_a_sleep_are_named_and_not_called_unlost() -> None:
    facts = {"environment_id": "1", "name": "b", "operation": "sleep", "phase": Phase.SLEEPING, "ended": ["Pod debug"]}
    outcome = {"kind": "asleep", "by": "U012ABCDEF", "ended": ["Pod debug"]}

    for shown in (render("progress", facts, "UTC"), render("idle_warning", {"name": "b", "outcome": outcome}, "UTC")):
        assert "Pod debug" in said(shown)
        assert "nothing was lost" not in said(shown)


def test_a_deleted_environment_has_no_buttons() -> None:
    facts = {"environment_id": "1", "name": "blue", "operation": "delete", "phase": "DELETED"}

    assert buttons(render("progress", facts, "UTC")) == set()


def test_a_digest_says_what_it_cost_what_sleep_saved_and_by_which_prices() -> None:
    facts = {
        "team": "payments",
        "since": "2026-11-16T08:00:00+00:00",
        "until": "2026-11-23T08:00:00+00:00",
        "lines": [
            {
                "name": "blue",
                "owner_id": "U012ABCDEF",
                "awake_s": 111600,
                "asleep_s": 493200,
                "cost": "12.34",
                "saved": "3.21",
                "currency": "EUR",
            }
        ],
        "totals": {"EUR": "12.34"},
        "saved_totals": {"EUR": "3.21"},
        "previous_totals": {"EUR": "20.00"},
        "expiring": [{"name": "blue", "owner_id": "U012ABCDEF", "expires_at": "2026-11-24T08:00:00+00:00"}],
        "prices": {
            "main": {
                "cpu_core_hour": "0.03",
                "memory_gib_hour": "0.004",
                "storage_gib_hour": "0.0001",
                "gpu_hour": "0.95",
            }
        },
    }

    shown = render("digest", facts, "UTC")
    table = next(block for block in shown.blocks if block["type"] == "table")

    assert "12.34 EUR" in shown.text
    assert "3.21 EUR" in shown.text
    assert "20.00 EUR" in said(shown)
    assert "0.03 per core and hour" in said(shown)
    assert [cell.get("text") for cell in table["rows"][1]] == ["blue", None, "31h", "137h", "12.34", "3.21"]
    assert buttons(shown) == {"cost.show"}


def test_a_person_reads_what_each_environment_cost() -> None:
    shown = costs.report(rows.a_report(rows.a_line("blue"), rows.a_line("red", "1")), "UTC")

    assert "13.34 USD" in shown.text or "13.35 USD" in shown.text
    assert "`blue` 12.34 USD · awake 31h, asleep 137h · saved 3.20 USD" in said(shown)


def test_amounts_of_different_currencies_are_never_added() -> None:
    lines = [rows.a_line("blue", "10"), rows.a_line("red", "1"), replace(rows.a_line("grey", "7"), currency="EUR")]
    report = CostReport(rows.NOW, rows.NOW, lines, {"main": Prices(), "west": Prices(currency="EUR")})

    shown = costs.report(report, "UTC")

    assert "11.00 USD and 7.00 EUR" in shown.text
    assert "`grey` 7.00 EUR" in said(shown)
    assert "west: Requested resources" in said(shown)


def test_a_long_list_is_turned_page_by_page() -> None:
    shown = [Shown(rows.an_environment(name=f"blue-{i}"), frozenset()) for i in range(23)]
    first, last = views.listing(Page(shown, "UTC")), views.listing(Page(shown, "UTC", first=20))

    assert "blue-9`" in said(first)
    assert "blue-10`" not in said(first)
    assert "environment.list" in buttons(first)
    assert "blue-22`" in said(last)
    assert "environment.list" not in buttons(last)


def test_those_who_have_nothing_read_how_to_begin() -> None:
    nothing = Page([], "UTC")

    assert "/k8s create blue" in said(views.overview(nothing))
    assert "environment.form" in buttons(views.overview(nothing))
    assert "environment.form" in buttons(home.of_person(nothing, rows.NOW))


def test_only_what_is_allowed_is_offered() -> None:
    strangers = Shown(rows.an_environment(), frozenset())

    assert buttons(views.status(strangers, "UTC")) == set()


def test_what_broke_is_told_by_a_reference_and_never_by_its_reason() -> None:
    shown = told(RuntimeError("password=hunter2"))

    assert "BR-" in shown.text
    assert "hunter2" not in said(shown)
    assert "hunter2" not in words_of(RuntimeError("password=hunter2"))


def test_no_amount_is_too_odd_to_be_told() -> None:
    line = rows.a_line("blue", "NaN")

    refuse_nothing(costs.report(rows.a_report(line), "UTC"))
    assert Decimal(line.cost).is_nan()
