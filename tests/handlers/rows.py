"""Rows, facts and hostile texts for tests of how things look."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot.rules.catalogue import Prices
from bot.rules.costs import Footprint
from bot.rules.limits import SETTABLE, Scope, ScopeKind
from bot.rules.outlook import Coming, Event, Outlook, Stand
from bot.rules.permissions import Action
from bot.rules.policy import Policy, Ruled
from bot.rules.selection import Selection
from bot.rules.words import AccessLevel, Phase, RequestState, Verb
from bot.rules.working_hours_text import parse_working_hours
from bot.usecases.consumption import Consumption, Unmeasured
from bot.usecases.costs import CostLine, CostReport
from bot.usecases.limit_settings import Allowance
from bot.usecases.limits import InForce
from bot.usecases.outlooks import Explanation, Underway
from bot.usecases.overview import ClusterPart, Stretch, Summary, Trouble
from bot.usecases.wishes import Wish, WishKind
from handlers.admin.notices import DEEDS
from handlers.environments.views import Page, Shown
from handlers.sleep.outcomes import END, IDLE
from store.audit import Audited
from store.fleet import Counts
from store.tables import AccessGrant, AuditEvent, Environment, Notice

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

HOSTILE = "<!channel> <@U012ABCDEF> `x` *b* & <https://evil.example|here> \u202e\n" + "😀" * 60
"""A name as an unfriendly person would choose it."""

HOURS = ["weekdays 08:00-19:00 Europe/Berlin holidays=DE-BY stay-asleep", "daily 22:00-06:00; off 2026-12-24"]

text = st.one_of(st.text(max_size=60), st.just(HOSTILE), st.just("x" * 5_000), st.just("`" * 200), st.just("&<>" * 900))
zone = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Not/AZone", "", "../etc/passwd"])
instant = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis takes naive bounds
phase = st.sampled_from(list(Phase))
slack_id = st.one_of(st.just("U012ABCDEF"), st.just("<@U012ABCDEF>"), st.just("berth"), text)
rights = st.frozensets(st.sampled_from(list(Action)))
written = st.one_of(instant.map(datetime.isoformat), text)
amount = st.one_of(st.decimals(-1000, 10**9, places=2).map(str), text)

environment = st.builds(
    Environment,
    id=st.just("0123456789abcdef"),
    workspace_id=st.just("T1"),
    owner_id=slack_id,
    owner_email=text,
    team=st.none() | text,
    name=text,
    title=text,
    cluster=text,
    namespace=text,
    template=text,
    size=text,
    phase=phase,
    condition=st.none() | text,
    operation_by=slack_id,
    operation_at=instant,
    created_at=instant,
    expires_at=st.none() | instant,
    awake_until=st.none() | instant,
    slept_at=st.none() | instant,
    last_activity_at=instant,
    last_activity_by=slack_id,
    last_activity_what=text,
    deadline_at=st.none() | instant,
    never_sleep_reason=st.none() | text,
    never_sleep_by=st.none() | slack_id,
    protected_by=st.none() | slack_id,
    protected_reason=st.none() | text,
)

grant = st.builds(
    AccessGrant,
    environment_id=st.just("0123456789abcdef"),
    subject=st.sampled_from(["U012ABCDEF", "team:payments"]) | text,
    access=st.sampled_from(AccessLevel),
    granted_by=slack_id,
    granted_at=instant,
    expires_at=st.none() | instant,
)

_rule = st.one_of(text, st.just("unused for 4h (team payments)"))
_hours = st.sampled_from([None, *(parse_working_hours(hours, "UTC") for hours in HOURS)])
policy = st.builds(
    Policy,
    st.builds(Ruled, st.timedeltas(timedelta(), timedelta(days=9)), _rule),
    st.builds(Ruled, st.timedeltas(timedelta(), timedelta(days=9)), _rule),
    st.builds(Ruled, _hours, _rule),
)
outlook = st.builds(
    Outlook,
    st.sampled_from(Stand),
    st.lists(st.builds(Coming, st.sampled_from(Event), instant, text), max_size=3).map(tuple),
    text,
    st.lists(text, max_size=30).map(tuple),
    policy,
)

_underway = st.builds(
    Underway,
    st.sampled_from(["create", "sleep", "wake", "delete"]),
    text,
    st.lists(text, max_size=30).map(tuple),
    st.none() | instant,
    st.none() | instant,
    st.none() | outlook,
)
explanation = st.builds(Explanation, outlook, st.none() | _underway, st.none() | outlook)

consumption = st.builds(
    Consumption, *[st.floats(0, 1e15)] * 4, pods=st.integers(1, 5000), measured=st.integers(1, 5000)
)
shown = st.builds(
    Shown, environment, rights, st.none() | outlook, st.none() | st.sampled_from(Unmeasured) | consumption
)
page = st.builds(
    Page,
    st.lists(shown, max_size=30),
    zone,
    st.sampled_from(["mine", "team", "all", "shared"]),
    st.sampled_from([0, 10, 20]),
    text,
    st.lists(environment, max_size=15),
)

_money = st.decimals(0, 10**7, places=4)
_span = st.timedeltas(timedelta(), timedelta(days=7))
_currency = st.sampled_from(["USD", "EUR"]) | text
_totals = st.dictionaries(_currency, amount, max_size=4)
report = st.builds(
    CostReport,
    instant,
    instant,
    st.lists(st.builds(CostLine, text, slack_id, phase, _span, _span, _money, _money, _currency), max_size=40),
    st.dictionaries(text, st.builds(Prices, currency=_currency), max_size=5),
)


_limits = st.dictionaries(st.sampled_from(SETTABLE), st.decimals(0, 10**12, places=3))
standing = st.builds(
    Allowance,
    st.builds(
        InForce,
        st.builds(Scope, st.sampled_from(ScopeKind), text),
        _limits,
        st.dictionaries(st.sampled_from(SETTABLE), instant),
        st.dictionaries(st.sampled_from(SETTABLE), slack_id),
    ),
    _limits,
    text,
    st.lists(st.sampled_from(SETTABLE)).map(tuple),
    st.dictionaries(text, st.decimals(0, 10**12, places=3), max_size=5),
)
_figure = st.floats(0, 10**9)
_part = st.builds(
    ClusterPart,
    text,
    st.integers(0, 10**6),
    st.builds(Footprint, _figure, _figure, _figure, _figure),
    st.none() | _figure,
    st.none() | _figure,
    _money,
    _currency,
    st.none() | instant,
)
_lost = st.builds(Notice, key=text, workspace_id=st.just("T1"), kind=text, error=st.none() | text, created_at=instant)
summary = st.builds(
    Summary,
    st.builds(
        Counts,
        st.dictionaries(phase, st.integers(1, 9_999)).map(Counter),
        st.dictionaries(text, st.integers(1, 9_999), max_size=20).map(Counter),
        st.dictionaries(text, st.integers(1, 9_999), max_size=20).map(Counter),
    ),
    st.integers(0, 10**6),
    st.lists(_part, max_size=30),
    st.builds(
        Trouble,
        st.integers(0, 10**6),
        st.lists(environment, max_size=5),
        st.integers(0, 10**6),
        st.lists(_lost, max_size=5),
        st.lists(text, max_size=20),
    ),
    st.lists(standing, max_size=20),
    text,
)
selection = st.builds(Selection, *[st.none() | text] * 6)
stretch = st.builds(
    Stretch, selection, st.lists(environment, max_size=10), st.integers(0, 5_000), st.integers(0, 10_000)
)


_state = st.dictionaries(text, st.none() | text | st.integers() | st.lists(text, max_size=3), max_size=12)
audited = st.builds(
    Audited,
    st.builds(
        AuditEvent,
        at=instant,
        workspace_id=st.just("T1"),
        actor=slack_id,
        action=text,
        before=_state,
        after=_state,
        reason=text,
        source_kind=st.sampled_from(["command", "action", "view", "time"]) | text,
    ),
    text,
)


wish = st.builds(
    Wish, st.sampled_from(WishKind), text, st.none() | text, st.none() | text, st.none() | text, st.integers(0, 10**8)
)


def facts(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Facts of a notice: each key there, null, or missing as an older Berth may have left it."""
    return st.fixed_dictionaries({}, optional={key: st.none() | value for key, value in values.items()})


_texts = st.lists(text, max_size=30)
_NAMED: dict[str, st.SearchStrategy[Any]] = {"environment_id": text, "name": text}
_OWNED = _NAMED | {"owner_id": slack_id}
_step = facts(name=text, state=st.sampled_from(["done", "doing", "waiting", "failed"]) | text)
_outcome = facts(
    kind=st.sampled_from([*IDLE, *END]) | text,
    by=slack_id,
    reason=text,
    because=text,
    left=st.lists(text, max_size=30),
    ended=st.lists(text, max_size=30),
    until=written,
    at=written,
    what=text,
)
_over = facts(
    operation=st.sampled_from(["create", "sleep", "wake", "delete"]) | text, by=slack_id, reason=text, at=written
)
_line = facts(
    name=text,
    owner_id=slack_id,
    phase=phase,
    awake_s=st.floats() | st.integers(-1, 10**12),
    asleep_s=st.integers(0, 10**6),
    cost=amount,
    saved=amount,
    currency=_currency,
)
_became = facts(
    kind=st.sampled_from(["back", "taken", "kept", "slept", "gone"]) | text,
    at=written,
    to=slack_id,
    because=text,
    ends_at=written,
)

_wish = facts(
    kind=st.sampled_from(["create", "wake", "extend", "resize"]) | text,
    name=text,
    environment_id=text,
    size=text,
    template=text,
    seconds=st.integers(-1, 10**12) | text,
)

_request: dict[str, st.SearchStrategy[Any]] = {
    "request_id": text,
    "asker": slack_id,
    "owner": slack_id,
    "team": text,
    "line": text,
    "reason": text,
    "weekly": amount,
    "currency": text,
    "state": st.sampled_from(RequestState) | text,
    "by": slack_id,
    "until": written,
    "remark": text,
    "expires_at": written,
}

_shared = facts(
    **_OWNED,
    subject=st.sampled_from(["U012ABCDEF", "team:payments"]) | text,
    access=st.sampled_from(["view", "edit"]) | text,
    by=slack_id,
    until=written,
    outcome=facts(kind=st.sampled_from(["over", "removed", "left", "gone", "changed"]) | text, by=slack_id, at=written),
)

FACTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "silent": facts(cluster=text, heard_at=written, over_at=written),
    "login_ends": facts(ends_at=written),
    "link": facts(
        ticket=text,
        email=text,
        issuer=text,
        coded=st.booleans(),
        outcome=st.sampled_from(["linked", "undone"]) | text,
    ),
    "drift": facts(
        cluster=text,
        left=st.integers(-1, 10**6) | text,
        environments=st.lists(
            facts(
                id=text,
                name=text,
                owner_id=slack_id,
                restored=st.lists(facts(what=text, change=text, by=text, at=written), max_size=20),
                added=_texts,
            ),
            max_size=25,
        ),
    ),
    "shared": _shared,
    "shared_by": _shared,
    "progress": facts(
        **_NAMED,
        operation=st.sampled_from(["create", "sleep", "wake", "delete"]) | text,
        phase=phase | text,
        by=slack_id,
        reason=text,
        steps=st.lists(_step, max_size=8),
        ready=text,
        problem=text,
        retry_at=written,
        left=_texts,
        ended=_texts,
        missing=_texts,
        remarks=_texts,
        given_up=st.booleans(),
        over=_over | text,
        usual_s=st.floats() | st.integers(-1, 10**12) | text,
        awake_until=written,
        expires_at=written,
        namespace=text,
        cluster=text,
        template=text,
        size=text,
        at=written,
    ),
    "idle_warning": facts(
        **_OWNED,
        deadline=written,
        rule=text,
        last_activity_at=written,
        last_activity_by=slack_id,
        last_activity_what=text,
        stops=_texts,
        keeps=_texts,
        pods=_texts,
        morning=written,
        hourly=amount,
        currency=text,
        zone=zone,
        outcome=_outcome,
    ),
    "expiry_warning": facts(
        **_OWNED,
        expires_at=written,
        why=text,
        grace_s=st.integers(-1, 10**15) | text,
        lead_s=st.integers(),
        longest_s=st.integers(-1, 10**15) | text,
        volumes=_texts,
        outcome=_outcome,
    ),
    "ended": facts(
        **_OWNED,
        delete_at=written,
        why=text,
        volumes=_texts,
        outcome=_outcome,
    ),
    "digest": facts(
        team=text,
        since=written,
        until=written,
        lines=st.lists(_line, max_size=60),
        totals=_totals,
        saved_totals=_totals,
        previous_totals=_totals,
        expiring=st.lists(facts(name=text, owner_id=slack_id, expires_at=written), max_size=30),
        prices=st.dictionaries(
            text,
            facts(
                cpu_core_hour=amount,
                memory_gib_hour=amount,
                storage_gib_hour=amount,
                gpu_hour=amount,
                currency=_currency,
            ),
            max_size=5,
        ),
    ),
    "left": facts(
        person_id=slack_id,
        person=text,
        because=text,
        stays=st.booleans(),
        sleeps_at=written,
        environments=st.lists(facts(id=st.sampled_from("abc"), name=text), max_size=30),
        became=st.dictionaries(st.sampled_from("abc"), _became, max_size=3),
    ),
    "unowned": facts(because=text, sleeps_at=written, environments=st.lists(facts(name=text), max_size=30)),
    "unproven": facts(
        because=text,
        how=text,
        shared=st.lists(facts(name=text, owner_id=slack_id), max_size=30),
        environments=st.lists(facts(name=text), max_size=30),
        found=st.none() | facts(email=text, at=written),
    ),
    "notice": facts(text=text),
    "resize": facts(
        **_NAMED,
        size=text,
        was=text,
        by=slack_id,
        asleep=st.booleans(),
        state=st.sampled_from(["doing", "done", "overtaken"]) | text,
        problem=text,
        too_much=_texts,
    ),
    "approval": facts(**_request, why=_texts, moved=st.booleans()),
    "answer": facts(**_request, unheard=st.booleans()),
    "held_back": facts(**_NAMED, why=_texts, wish=_wish, outcome=facts(kind=st.just("woken") | text, at=written)),
    "deed": facts(
        **_NAMED,
        deed=st.sampled_from(list(DEEDS)) | text,
        by=slack_id,
        reason=text,
        until=written,
    ),
    "pause": facts(by=slack_id, reason=text, at=written, ended_by=slack_id, ended_at=st.none() | written),
    "transferred": facts(
        **_NAMED,
        phase=phase,
        reader=slack_id,
        to=slack_id,
        by=slack_id,
        at=written,
        **{"from": slack_id},
    ),
    "announcement": facts(text=text, by=slack_id, cluster=text),
    "bulk": facts(
        plan_id=text,
        verb=st.sampled_from(list(Verb)) | text,
        args=facts(duration=text, to=slack_id),
        total=st.integers(-1, 10**9),
        done=st.integers(-1, 10**9) | text,
        left=st.integers(-1, 10**9),
        some=st.lists(facts(name=text, owner_id=slack_id, why=text), max_size=25),
        ended=written,
        problem=text,
    ),
    "stirred": facts(
        **_NAMED,
        happened=st.sampled_from(["started", "new", "undone"]) | text,
        what=_texts,
        advice=text,
        over=_over | text,
    ),
}


def an_environment(**changes: Any) -> Environment:
    """An ordinary environment, running."""
    known: dict[str, Any] = {
        "id": "0123456789abcdef",
        "workspace_id": "T1",
        "owner_id": "U012ABCDEF",
        "owner_email": "ada@harbour.example",
        "team": "payments",
        "name": "blue",
        "title": "Blue",
        "cluster": "main",
        "namespace": "env-blue-012345",
        "template": "web",
        "size": "s",
        "phase": Phase.RUNNING,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=7),
        "last_activity_at": NOW,
        "last_activity_by": "<@U012ABCDEF>",
        "last_activity_what": "/k8s create",
    }
    return Environment(**known | changes)


def a_report(*lines: CostLine) -> CostReport:
    """A week's costs."""
    return CostReport(NOW - timedelta(days=7), NOW, lines, {"main": Prices()})


def a_line(name: str, cost: str = "12.345", saved: str = "3.2") -> CostLine:
    """One environment's week: 31 hours awake, 137 asleep."""
    hours = timedelta(hours=31), timedelta(hours=137)
    return CostLine(name, "U012ABCDEF", Phase.RUNNING, *hours, Decimal(cost), Decimal(saved))
