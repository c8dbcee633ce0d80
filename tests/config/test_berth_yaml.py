"""berth.yaml: sane defaults, and every mistake told at once with its place and what is allowed."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import Catalogue, ConfigError, load_catalogue
from bot.rules.catalogue import ActivityPolicy, Oidc, Traffic
from bot.rules.identity import Evidence, resolve
from bot.rules.membership import Roles, roles_of
from bot.rules.words import Role

EXAMPLE = Path(__file__).parents[2] / "berth.example.yaml"


def catalogue_of(tmp_path: Path, text: str) -> Catalogue:
    """The catalogue of a file with this text."""
    path = tmp_path / "berth.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_catalogue(path)


def roles(catalogue: Catalogue, address: str) -> Roles:
    """What somebody is whose e-mail Slack confirms."""
    evidence = Evidence(mapped=None, login=None, email=address, email_confirmed=True)
    identity = resolve(evidence, catalogue.identity, catalogue.privileged).identity
    assert identity is not None
    return roles_of(catalogue, identity, ())


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """What is told of a file with this text, without the path of the file."""
    with pytest.raises(ConfigError) as refused:
        catalogue_of(tmp_path, text)
    return [str(problem).removeprefix(str(tmp_path / "berth.yaml")).strip() for problem in refused.value.problems]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "teams:\nadmins:\nsleep:\n", "{}"])
def test_an_empty_file_is_the_built_in_catalogue(tmp_path: Path, text: str) -> None:
    assert catalogue_of(tmp_path, text) == load_catalogue(None)


def test_an_absent_file_is_the_built_in_catalogue(tmp_path: Path) -> None:
    built_in = load_catalogue(tmp_path / "none.yaml")

    assert [size.name for size in built_in.sizes] == ["s", "m", "l"]
    assert [template.name for template in built_in.templates] == ["blank", "web"]
    assert built_in.cluster().context is None


def test_templates_and_teams_settle_sleep_of_their_own(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        """
        templates: [{name: api, sleep: {idle_after: 1h}}]
        teams: [{name: payments, sleep: {working_hours: "mon-fri 9-17 Europe/Berlin"}, hears_warnings: true}]
        sleep: {never_sleep: nobody, delete_after: 30d}
        ttl: {grace: none}
        """,
    )

    hours = found.teams[0].sleep.working_hours
    assert found.template("api").sleep.idle_after == timedelta(hours=1)
    assert hours is not None
    assert hours.zone == "Europe/Berlin"
    assert found.teams[0].hears_warnings
    assert found.sleep.never_sleep == frozenset()
    assert found.ttl.grace == timedelta()


def test_hours_that_are_none_are_told_with_good_ones(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "sleep: {working_hours: weekdays 9-17 Europe/Berln}")

    assert "Europe/Berlin" in told[0]


def test_the_example_is_valid() -> None:
    catalogue = load_catalogue(EXAMPLE)

    assert roles(catalogue, "ada@example.com").team == catalogue.team("payments")
    assert roles(catalogue, "lin@example.com").role is Role.LEAD


def test_the_example_shows_the_defaults_that_it_says_hold() -> None:
    shown, built_in = load_catalogue(EXAMPLE), load_catalogue(None)

    assert (shown.sleep, shown.ttl, shown.digest) == (built_in.sleep, built_in.ttl, built_in.digest)
    assert (shown.leaving, shown.audit_log) == (built_in.leaving, built_in.audit_log)
    assert shown.token_lifetime == built_in.token_lifetime
    assert shown.cluster().prices == built_in.cluster().prices
    assert shown.cluster().ingress_namespaces == built_in.cluster().ingress_namespaces


def test_the_example_names_every_key(tmp_path: Path) -> None:
    unknown = "{?: 0, name: a}"
    told = mistakes(
        tmp_path,
        f"""
        clusters: [{{?: 0, name: a, prices: {unknown}, traffic: {unknown}}}]
        sizes: [{unknown}]
        templates: [{unknown}]
        teams: [{{?: 0, name: a, members: [{unknown}]}}]
        sleep: {unknown}
        ttl: {unknown}
        digest: {unknown}
        activity: {unknown}
        unknown: 0
        """.replace("?", "unknown"),
    )
    allowed = [mistake.split("allowed are ")[1].rstrip(".").split(", ") for mistake in told if "allowed" in mistake]

    text = EXAMPLE.read_text(encoding="utf-8")

    assert len(allowed) >= 12
    assert not [key for keys in allowed for key in keys if f"{key}:" not in text]


def test_where_hosts_may_be_and_what_may_be_written_to_nodes_is_read(tmp_path: Path) -> None:
    catalogue = catalogue_of(
        tmp_path,
        """
        clusters: [{name: a, ingress_domain: "*.Dev.example.com"}, {name: b}]
        sizes: [{name: s, cpu: 1, memory: 1Gi, storage: 1Gi, pods: 7},
          {name: m, cpu: 1, memory: 1Gi, storage: 1Gi, pods: 7, scratch: 90Gi}]
        """,
    )

    assert [catalogue.cluster(name).ingress_domain for name in "ab"] == ["dev.example.com", None]
    assert [catalogue.size(name).scratch_space for name in "sm"] == ["7Gi", "90Gi"]


def test_a_domain_for_hosts_that_is_none_is_told_with_a_good_one(tmp_path: Path) -> None:
    [told] = mistakes(tmp_path, "clusters: [{name: a, ingress_domain: 'https://dev'}]")

    assert "'https://dev'" in told or '"https://dev"' in told
    assert "dev.example.com" in told


def test_the_priority_classes_that_environments_may_use_are_read(tmp_path: Path) -> None:
    text = "clusters: [{name: a, priority_classes: [batch-low, team.build]}, {name: b}]"

    catalogue = catalogue_of(tmp_path, text)

    assert [catalogue.cluster(name).priority_classes for name in "ab"] == [("batch-low", "team.build"), ()]


def test_a_priority_of_the_clusters_own_cannot_be_given_to_environments(tmp_path: Path) -> None:
    told = mistakes(tmp_path, 'clusters: [{name: a, priority_classes: [system-node-critical, "a\'b", 7]}]')

    assert [("the cluster's own" in one, "try batch-low" in one) for one in told] == [
        (True, False),
        (False, True),
        (False, True),
    ]


def test_traffic_and_whose_requests_do_not_count_are_read(tmp_path: Path) -> None:
    catalogue = catalogue_of(
        tmp_path,
        """
        clusters: [{name: a, traffic: {prometheus: "http://prometheus:9090/", query: " up\n"}},
          {name: b, wakes_at_once: 3, audit: false, gitops_namespaces: [argocd]}]
        activity: {ignore_users: [robot, "oidc:*"], ignore_agents: [Headlamp]}
        """,
    )

    assert catalogue.cluster("a").traffic == Traffic("http://prometheus:9090", "up")
    assert catalogue.cluster("b").traffic is None
    assert [catalogue.cluster(name).wakes_at_once for name in "ab"] == [16, 3]
    assert [catalogue.cluster(name).audit for name in "ab"] == [True, False]
    assert [catalogue.cluster(name).gitops_namespaces for name in "ab"] == [(), ("argocd",)]
    assert catalogue.activity == ActivityPolicy(("robot", "oidc:*"), ("Headlamp",))


def test_sizes_of_ones_own_take_the_place_of_the_built_in_ones(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, "sizes: [{name: tiny, cpu: 1, memory: 1Gi, storage: 1Gi, pods: 5}]")

    assert [size.name for size in catalogue.sizes] == ["tiny"]
    assert catalogue.default_size == "tiny"
    assert catalogue.size("tiny").cpu == "1"


def test_templates_of_ones_own_join_the_built_in_ones_and_may_replace_them(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, "templates: [{name: api}, {name: web, summary: Ours}]")

    assert [template.name for template in catalogue.templates] == ["blank", "web", "api"]
    assert catalogue.template("web").summary == "Ours"


def test_the_default_cluster_comes_first(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, "clusters: [{name: a}, {name: b}]\ndefault_cluster: b")

    assert catalogue.cluster().name == "b"


def test_people_are_known_by_e_mail_in_whatever_case(tmp_path: Path) -> None:
    catalogue = catalogue_of(
        tmp_path,
        """
        teams: [{name: payments, members: [Ada@Example.com, {email: lin@example.com, role: lead}]}]
        admins: [Root@example.com]
        """,
    )

    assert roles(catalogue, "ADA@example.com").teams == {"payments": Role.MEMBER}
    assert roles(catalogue, "lin@example.com").role is Role.LEAD
    assert roles(catalogue, "root@EXAMPLE.com").role is Role.ADMIN


def test_prices_are_exact(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, "clusters: [{name: a, prices: {cpu_core_hour: 0.1, currency: EUR}}]")

    assert catalogue.cluster().prices.cpu_core_hour == Decimal("0.1")
    assert catalogue.cluster().prices.currency == "EUR"


def test_a_short_idle_time_alone_is_warned_of_halfway(tmp_path: Path) -> None:
    assert catalogue_of(tmp_path, "sleep: {idle_after: 10m}").sleep.warn_before == timedelta(minutes=5)


def test_a_short_longest_ttl_alone_is_also_the_default(tmp_path: Path) -> None:
    assert catalogue_of(tmp_path, "ttl: {longest: 1d}").ttl.default == timedelta(days=1)


def test_every_mistake_is_told_at_once_with_its_line_and_path(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """\
        teams:
          - name: payments
            channel: #payments
            time_zone: Europe/Belrin
            members:
              - ada
        sleep: {idle_after: soon}
        teems: []
        """,
    )

    assert told == [
        (
            "line 3, teams[0].channel: is empty; an unquoted # begins a comment in YAML: "
            'write it in quotes, as "#payments".'
        ),
        (
            'line 4, teams[0].time_zone: "Europe/Belrin" is not a time zone (did you mean "Europe/Berlin"?): '
            "write an IANA name, as Europe/Berlin or UTC."
        ),
        'line 6, teams[0].members[0]: "ada" is not an e-mail address: write it as ada@example.com.',
        'line 7, sleep.idle_after: "soon" is not a duration: try 8h, 3d or 2w.',
        (
            'line 8, teems: unknown key (did you mean "teams"?); allowed are clusters, default_cluster, sizes, '
            "default_size, templates, default_template, teams, admins, identity, sleep, ttl, leaving, digest, "
            "activity, audit_log, limits, approvals, rollout, token_lifetime."
        ),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("clusters: [{context: x}]", "line 1, clusters[0]: name is missing."),
        ("clusters: [{name: a}, {name: a}]", 'line 1, clusters[1]: the name "a" stands twice; names are unique.'),
        ("default_cluster: b", 'line 1, default_cluster: "b" is not in clusters; there are main.'),
        ("default_size: xl", 'line 1, default_size: "xl" is not in sizes (did you mean "l"?); there are s, m, l.'),
        ("default_template: wep", '"wep" is not in templates (did you mean "web"?); there are blank, web.'),
        ("clusters: [{name: Main Cluster}]", 'beginning and ending with a letter or digit, as "main-cluster".'),
        ("sizes: [{name: s, cpu: 2x, memory: 1Gi, storage: 1Gi, pods: 1}]", '"2x" is not a number of cores'),
        ("sizes: [{name: s, cpu: 0, memory: 1Gi, storage: 1Gi, pods: 1}]", '"0" is not a number of cores'),
        ("sizes: [{name: s, cpu: 1, memory: 1GB, storage: 1Gi, pods: 1}]", '"1GB" is not an amount of bytes'),
        ("sizes: [{name: s, cpu: 1, memory: 1Gi, storage: 1Gi, pods: true}]", '"True" should be a whole number'),
        ("clusters: [{name: a, prices: {cpu_core_hour: .nan}}]", '"nan" is not a price per hour'),
        ("clusters: [{name: a, prices: {cpu_core_hour: -1}}]", '"-1" is not a price per hour'),
        ("clusters: [{name: a, prices: {currency: dollars}}]", '"dollars" is not a currency'),
        ("clusters: [{name: a, server: http://x}]", "is not the address of an API server"),
        ("clusters: [{name: a, certificate_authority: /none}]", 'there is no file "/none".'),
        ("teams: [{name: a, channel: payments}]", '"payments" is not a Slack channel'),
        ("teams: [{name: a, members: [x@y.example, X@y.example]}]", '"x@y.example" is in this team twice.'),
        (
            "teams: [{name: a, members: [{email: x@y.example, role: leed}]}]",
            '"leed" is not a role (did you mean "lead"?)',
        ),
        ("identity: {domains: []}", "names no domain: leave it out to accept every one."),
        ("identity: {domains: [root@corp.example]}", "is not the domain of e-mail addresses: try corp.example."),
        ("identity: {plus_addresses: sam}", '"sam" is not a rule (did you mean "same"?)'),
        ("identity: {oidc: {client_id: berth}}", "identity.oidc: issuer is missing."),
        ("identity: {oidc: {issuer: http://login.example, client_id: b}}", "is not the address of an issuer"),
        (
            "identity: {oidc: {issuer: https://login.example, client_id: b, scopes: [email]}}",
            "scopes must hold openid",
        ),
        ("teams: [{name: a, user_group: payments}]", '"payments" is not a user group of Slack'),
        ("admins: root@example.com", '"root@example.com" should be a list'),
        ("sleep: 4h", '"4h" should be a mapping with the keys idle_after, warn_before, working_hours, '),
        ("sleep: {idle_after: 1h, warn_before: 2h}", "warn_before (2h) must be shorter than idle_after (1h)"),
        ("sleep: {idle_after: 0h}", '"0h" must be longer than zero'),
        ("sleep: {warn_before: 5h}", "must be shorter than idle_after (4h, which holds where it is not given)"),
        ("ttl: {default: 9d, longest: 8d}", "default (9d) must not be longer than longest (8d)."),
        ("ttl: {default: 40d}", "must not be longer than longest (30d, which holds where it is not given)."),
        ("templates: [{name: a, sleep: {idle_after: 1h, warn_before: 1h}}]", "must be shorter than idle_after (1h)"),
        (
            "sizes: [{name: s, cpu: 4, memory: 1Gi, storage: 1Gi, pods: 1, cpu_limit: 1}]",
            'sizes[0].cpu_limit: "1" is less than cpu "4"',
        ),
        (
            "sizes: [{name: s, cpu: 1, memory: 2Gi, storage: 1Gi, pods: 1, memory_limit: 1G}]",
            'sizes[0].memory_limit: "1G" is less than memory "2Gi"',
        ),
        ("ttl: {warn_before: []}", "needs at least one duration"),
        ("ttl: {warn_before: [2d, x]}", 'ttl.warn_before[1]: "x" is not a duration'),
        ("digest: {weekday: 8}", '"8" is not a day of the week'),
        ("digest: {hour: 24}", '"24" is not an hour of the day'),
        ("clusters: [{name: a, wakes_at_once: 0}]", 'clusters[0].wakes_at_once: "0" should be a whole number from 1'),
        ("clusters: [{name: a, wakes_at_once: many}]", '"many" should be a whole number from 1 to 10000.'),
        ("clusters: [{name: a, traffic: http://p:9090}]", "should be a mapping with the keys prometheus, query."),
        ("clusters: [{name: a, traffic: {prometheus: 'http://p:9090'}}]", "clusters[0].traffic: query is missing."),
        ("clusters: [{name: a, traffic: {query: up}}]", "clusters[0].traffic: prometheus is missing."),
        ("clusters: [{name: a, traffic: {query: up, prometheus: p}}]", '"p" is not the address of a Prometheus: try'),
        (
            "clusters: [{name: a, traffic: {query: up, prometheus: 'http://u:p@h'}}]",
            "is not the address of a Prometheus",
        ),
        ("clusters: [{name: a, traffic: {query: '', prometheus: 'http://p'}}]", "should be a query in PromQL"),
        ("audit_log: {keep: 7d}", "line 1, audit_log.keep: must be 30d at the least, or none to keep them for ever."),
        ("activity: [a]", "should be a mapping with the keys ignore_users, ignore_agents."),
        ("activity: {ignore_users: robot}", 'activity.ignore_users: "robot" should be a list'),
        ("activity: {ignore_users: ['*']}", 'activity.ignore_users[0]: "*" should be a name'),
        ("activity: {ignore_agents: [7]}", 'activity.ignore_agents[0]: "7" should be a name'),
        ("token_lifetime: 30d", '"30d" is not allowed: a token lives from 10m to 1d.'),
        ("token_lifetime: 1h\ntoken_lifetime: 2h", "line 2, token_lifetime: stands twice; only one can hold."),
        ("- a\n- b", "should be a mapping with the keys clusters"),
        ("a: [", "is not YAML: "),
        ("a: *b", "is not YAML: found undefined alias"),
        ("a: &a [*a]", "an alias contains itself"),
        ("{}\n---\n{}", "is not YAML: but found another document"),
        ("a: !!python/object:os.system {}", "is not YAML: could not determine a constructor"),
        ("? [1]\n: 2", "is not YAML: found unhashable key"),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(tmp_path: Path, text: str, told: str) -> None:
    (only, *_) = mistakes(tmp_path, text)

    assert told in only


@pytest.mark.parametrize(
    ("text", "cross", "other"),
    [
        ("sleep: {idle_after: 1h, warn_before: 2h, delete_after: x}", "warn_before (2h) must be", "sleep.delete_after"),
        ("ttl: {default: 9d, longest: 8d, grace: x}", "default (9d) must not be longer", "ttl.grace"),
        ("sizes: [{name: s, cpu: 4, cpu_limit: 1, pods: x}]", "is less than cpu", "sizes[0].pods"),
        ("clusters: [{name: a}, {name: a, server: x}]", 'the name "a" stands twice', "clusters[1].server"),
    ],
)
def test_a_rule_between_keys_is_told_whatever_else_is_wrong(tmp_path: Path, text: str, cross: str, other: str) -> None:
    told = mistakes(tmp_path, text)

    assert any(cross in mistake for mistake in told)
    assert any(other in mistake for mistake in told)


def test_a_rule_with_a_key_that_is_itself_wrong_is_not_told(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "sleep: {idle_after: soon, warn_before: 5h}")

    assert "sleep.idle_after" in only


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("{apiVersion: v1, kind: Secret, metadata: {name: a}}", "a Secret does not belong in this file"),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: a}}", 'kind "Namespace" cannot be in a template'),
        ("{apiVersion: v1, kind: Pod, metadata: {name: a}}", 'kind "Pod" cannot be in a template'),
        ("{apiVersion: v1, kind: ResourceQuota, metadata: {name: a}}", 'kind "ResourceQuota" cannot be in a template'),
        ("{apiVersion: v1, kind: LimitRange, metadata: {name: a}}", 'kind "LimitRange" cannot be in a template'),
        ("{kind: NetworkPolicy, metadata: {name: a}}", 'kind "NetworkPolicy" cannot be in a template'),
        ("{apiVersion: v1, kind: Deployment, metadata: {name: a}}", 'apiVersion "v1" does not fit Deployment'),
        ("{apiVersion: v1, kind: Service}", "metadata.name is missing."),
        ("{apiVersion: v1, kind: Service, metadata: {name: 1a}}", 'metadata.name "1a" is not allowed'),
        ("{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}", "metadata.namespace must be left out"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a, labels: {berth.dev/x: y}}}", '"berth.dev/x" is reserved'),
        ("hello", '"hello" should be a Kubernetes object'),
    ],
)
def test_a_template_brings_only_what_berth_may_create(tmp_path: Path, manifest: str, told: str) -> None:
    (only,) = mistakes(tmp_path, f"templates: [{{name: a, manifests: [{manifest}]}}]")

    assert only.startswith("line 1, templates[0].manifests[0]: ")
    assert told in only


DEPLOYMENT = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: %s}"
CRON_JOB = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: %s}"


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (
            DEPLOYMENT % "{template: {spec: {containers: [{name: a, image: b}]}}}",
            "spec.selector: is missing: a Deployment finds its pods by matchLabels",
        ),
        (
            DEPLOYMENT.replace("Deployment", "StatefulSet")
            % "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: b}}, "
            "spec: {containers: [{name: a, image: b}]}}}",
            "spec.template.metadata.labels: lacks app: a",
        ),
        (
            DEPLOYMENT % "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}}}",
            "spec.template.spec.containers: is missing",
        ),
        (
            DEPLOYMENT % "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, "
            "spec: {containers: [{name: a, image: b}, {name: c}]}}}",
            "spec.template.spec.containers[1].image: is missing",
        ),
        (
            CRON_JOB % "{jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{image: a, name: b}]"
            "}}}}}",
            "spec.schedule: is missing",
        ),
        (
            CRON_JOB % "{schedule: '0 6 * * *', jobTemplate: {spec: {template: {spec: {containers: [{image: a, name: b}"
            "]}}}}}",
            "spec.jobTemplate.spec.template.spec.restartPolicy: must be OnFailure or Never",
        ),
    ],
)
def test_a_workload_that_no_cluster_would_make_is_told_with_what_it_lacks(
    tmp_path: Path, manifest: str, told: str
) -> None:
    (only,) = mistakes(tmp_path, f"templates: [{{name: a, manifests: [{manifest}]}}]")

    assert only.startswith("line 1, templates[0].manifests[0].spec.")
    assert told in only


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "berth.yaml").write_bytes("admins:\n  - ad\xe4@example.com".encode("latin-1"))

    with pytest.raises(ConfigError, match=r"line 2: is not text in UTF-8 from this line on"):
        load_catalogue(tmp_path / "berth.yaml")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SECTIONS = st.sampled_from(
    [
        "clusters",
        "sizes",
        "templates",
        "teams",
        "admins",
        "sleep",
        "ttl",
        "leaving",
        "digest",
        "activity",
        "token_lifetime",
        "default_size",
    ]
)
KEYS = st.sampled_from(
    [
        "name",
        "manifests",
        "members",
        "prices",
        "traffic",
        "ignore_users",
        "channel",
        "warn_before",
        "default",
        "cpu",
        "hour",
    ]
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.dictionaries(SECTIONS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=2), max_size=4))
def test_whatever_the_file_says_it_is_taken_or_told(tmp_path: Path, written: dict[str, object]) -> None:
    path = tmp_path / "berth.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")

    try:
        catalogue = load_catalogue(path)
    except ConfigError:
        return

    assert catalogue.size(catalogue.default_size)
    assert catalogue.template(catalogue.default_template)
    assert catalogue.cluster()


def test_a_cluster_that_knows_people_by_its_issuer(tmp_path: Path) -> None:
    oidc = "{issuer_url: https://dex.example.com, client_id: k8s, username_claim: sub, groups_prefix: ''}"

    catalogue = catalogue_of(
        tmp_path, f"clusters: [{{name: a, access: oidc, oidc: {oidc}}}, {{name: b, access: token}}]"
    )

    assert catalogue.cluster("a").oidc == Oidc("https://dex.example.com", "k8s", "sub", "oidc:", "")
    assert catalogue.cluster("b").oidc is None


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        ("access: oidc", "access: oidc and a section oidc go together"),
        ("oidc: {issuer_url: https://dex.example.com, client_id: k8s}", "access: oidc and a section oidc go together"),
        ("access: certificates", '"certificates" is no kind of access'),
        ("access: oidc, oidc: {client_id: k8s}", "issuer_url is missing"),
        ("access: oidc, oidc: {issuer_url: http://dex.example.com, client_id: k8s}", "is not the address of an issuer"),
        (
            "access: oidc, oidc: {issuer_url: https://dex.example.com, client_id: k8s, username_claim: name}",
            "no claim that Berth knows",
        ),
        (
            "access: oidc, oidc: {issuer_url: https://dex.example.com, client_id: k8s, groups_prefix: 'system:'}",
            "is no prefix of names",
        ),
    ],
)
def test_a_wrong_issuer_is_told(tmp_path: Path, cluster: str, told: str) -> None:
    [mistake] = mistakes(tmp_path, f"clusters: [{{name: a, {cluster}}}]")

    assert told in mistake


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("widgets", '"widgets" is not a kind\'s plural and group: try widgets.example.com.'),
        ("widgets.example", "try widgets.example.com"),
        ("Widgets.example.com", "try widgets.example.com"),
        ("rollouts.argoproj.io", "rollouts.argoproj.io sleeps already"),
    ],
)
def test_a_scaled_kind_is_named_by_plural_and_group(tmp_path: Path, written: str, told: str) -> None:
    [mistake] = mistakes(tmp_path, f"clusters: [{{name: a, scaled_kinds: [{written}]}}]")

    assert told in mistake
