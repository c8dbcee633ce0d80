"""What a company configures, as plain frozen values: clusters, sizes, templates, teams, policies, prices.

`bot.config` builds a Catalogue from berth.yaml and checks it; everything else only reads it. All durations are
timedeltas, all money is in the catalogue's currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from bot.rules.identity import IdentityPolicy
from bot.rules.words import Role
from bot.rules.working_hours import WorkingHours


@dataclass(frozen=True)
class Prices:
    """Money per hour for one requested unit. Defaults are OpenCost's for GCP us-central1 (configs/default.json).

    A GPU has a price from the start: it costs as much as thirty cores, and what is left at nothing is what nobody sees.
    """

    cpu_core_hour: Decimal = Decimal("0.031611")
    memory_gib_hour: Decimal = Decimal("0.004237")
    storage_gib_hour: Decimal = Decimal("0.00005479452")
    gpu_hour: Decimal = Decimal("0.95")
    currency: str = "USD"


@dataclass(frozen=True)
class Traffic:
    """Where to ask whether a cluster's namespaces have traffic: a Prometheus server and a query in PromQL.

    The query's answer is one value a namespace, by its label `namespace` or `exported_namespace`. Above 0: in use now;
    0: no traffic. A namespace without a value, and every namespace where the question fails, is unknown, and what is
    unknown stays awake.
    """

    prometheus: str
    query: str


@dataclass(frozen=True)
class ActivityPolicy:
    """Whose API requests do not count as use: user names, and how user agents begin; `*` and `?` stand for anything."""

    ignore_users: Sequence[str] = ()
    ignore_agents: Sequence[str] = ()


@dataclass(frozen=True)
class Oidc:
    """The issuer by which a cluster's API server knows people itself, and the names that it gives them.

    `username_claim` is `email` or `sub`. No `groups_prefix`: the issuer's groups are no teams of Berth.
    """

    issuer_url: str
    client_id: str
    username_claim: str = "email"
    username_prefix: str = "oidc:"
    groups_prefix: str | None = None


@dataclass(frozen=True)
class ClusterSpec:
    """A cluster Berth may use. `context` names one in the kubeconfig; None is its current one, or in-cluster."""

    name: str
    context: str | None = None
    server: str | None = None  # the URL by which people reach the API server, where Berth itself uses another
    certificate_authority: str | None = None  # a file with the PEM of that URL's authority, likewise
    prices: Prices = Prices()
    ingress_namespaces: Sequence[str] = ("gateway-system", "ingress-nginx")  # may reach into environments
    traffic: Traffic | None = None
    scaled_kinds: Sequence[str] = ()  # custom kinds that sleep by their scale subresource, as `widgets.example.com`
    audit: bool = True  # where there is a token for it, its API server is meant to tell what people do
    ingress_domain: str | None = None  # hosts of an environment are below its name in here; None: any host
    priority_classes: Sequence[str] = ()  # the PriorityClasses that pods of environments may name
    gitops_namespaces: Sequence[str] = ()  # where what applies environments from a git may be asked to stand still
    wakes_at_once: int = 16  # workloads that are being started at the most, over all environments
    oidc: Oidc | None = None  # `access: oidc`; None: `access: token`, by tokens that Berth asks for


@dataclass(frozen=True)
class Size:
    """A named quota: Kubernetes quantities as strings, counts as ints.

    `cpu` and `memory` are what all pods may request together; the limits are what they may use at the most, and are
    the same where not given.
    """

    name: str
    cpu: str
    memory: str
    storage: str
    pods: int
    cpu_limit: str | None = None
    memory_limit: str | None = None
    gpu: int = 0
    scratch: str | None = None  # what containers may write to their nodes' disks

    @property
    def scratch_space(self) -> str:
        """What all containers together may write to their nodes' disks: where it is not said, 1Gi for each pod."""
        return self.scratch or f"{self.pods}Gi"


@dataclass(frozen=True)
class SleepSettings:
    """What a template, a team or one environment settles about sleep; None is left to the next."""

    idle_after: timedelta | None = None
    warn_before: timedelta | None = None
    working_hours: WorkingHours | None = None


@dataclass(frozen=True)
class Template:
    """What an environment is made from: manifests applied after isolation and access stand."""

    name: str
    summary: str
    manifests: Sequence[Mapping[str, Any]] = ()
    sleep: SleepSettings = SleepSettings()


@dataclass(frozen=True)
class SleepPolicy:
    """When an unused environment falls asleep, how long before it people are told, and what people may settle."""

    idle_after: timedelta = timedelta(hours=4)
    warn_before: timedelta = timedelta(minutes=15)
    working_hours: WorkingHours | None = None
    longest_keep_awake: timedelta = timedelta(days=7)
    never_sleep: frozenset[Role] = frozenset(Role)  # who may exempt an environment from sleep
    delete_after: timedelta = timedelta(days=14)  # asleep


@dataclass(frozen=True)
class TtlPolicy:
    """How long an environment lives, at first and at the most, and when its owner hears of the end."""

    default: timedelta = timedelta(days=7)
    longest: timedelta = timedelta(days=30)
    warn_before: Sequence[timedelta] = (timedelta(days=2), timedelta(hours=2), timedelta(minutes=30))
    grace: timedelta = timedelta(days=3)  # asleep after the end, in which it can be restored


@dataclass(frozen=True)
class Team:
    """Owners of environments together. `channel` is a Slack channel id; members are e-mails, lower case.

    Whoever is in one of its groups, of Slack (by id or `@handle`) or of the company's login, is a member or a lead too.
    """

    name: str
    channel: str | None = None
    members: Mapping[str, Role] = field(default_factory=dict)
    time_zone: str = "UTC"
    sleep: SleepSettings = SleepSettings()
    hears_warnings: bool = False  # its channel is told of each warning too
    user_group: str | None = None
    lead_user_group: str | None = None
    oidc_groups: Sequence[str] = ()
    lead_oidc_groups: Sequence[str] = ()


@dataclass(frozen=True)
class LeavingPolicy:
    """What becomes of environments whose owner has left, counted from when their people were told; 0: it does not."""

    sleep_after: timedelta = timedelta(hours=1)
    delete_after: timedelta = timedelta(days=14)  # the end is announced, and has its grace, like any other


@dataclass(frozen=True)
class DigestPolicy:
    """When each team's weekly digest goes out, in the team's own time zone. weekday 0 is Monday."""

    weekday: int = 0
    hour: int = 9


@dataclass(frozen=True)
class LimitPolicy:
    """What berth.yaml limits, as numbers by the names of bot.rules.limits.Limit.

    `person`, `team` and `cluster` hold for each; what is said of one by its name goes before, limit by limit.
    """

    person: Mapping[str, Decimal] = field(default_factory=dict)
    team: Mapping[str, Decimal] = field(default_factory=dict)
    cluster: Mapping[str, Decimal] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)  # by e-mail, lower case
    teams: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    clusters: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class ApprovalPolicy:
    """Where admins are asked for more than a limit (None: in their direct messages), how long a request waits, and how
    long a limit may be raised at the most."""

    channel: str | None = None
    expire_after: timedelta = timedelta(days=3)
    longest_raise: timedelta = timedelta(days=90)


@dataclass(frozen=True)
class AuditLogPolicy:
    """How long audit events are kept; 0: for ever.

    By default a year and a month, so that the whole of the last year is there when it is audited: what PCI DSS asks for
    (10.5.1: twelve months) and most other regimes are content with.
    """

    keep: timedelta = timedelta(days=400)


@dataclass(frozen=True)
class Catalogue:
    """Everything that berth.yaml declares. The first cluster is the default one."""

    clusters: Sequence[ClusterSpec]
    sizes: Sequence[Size]
    templates: Sequence[Template]
    teams: Sequence[Team] = ()
    admins: frozenset[str] = frozenset()  # e-mails, lower case
    identity: IdentityPolicy = field(default_factory=IdentityPolicy)
    sleep: SleepPolicy = SleepPolicy()
    ttl: TtlPolicy = TtlPolicy()
    leaving: LeavingPolicy = LeavingPolicy()
    digest: DigestPolicy = DigestPolicy()
    activity: ActivityPolicy = ActivityPolicy()
    audit_log: AuditLogPolicy = AuditLogPolicy()
    default_size: str = "s"
    default_template: str = "blank"
    token_lifetime: timedelta = timedelta(hours=8)
    limits: LimitPolicy = LimitPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    rollout: Sequence[str] | None = None  # the teams whose members may make environments; None: everybody may

    def cluster(self, name: str | None = None) -> ClusterSpec:
        """The cluster of that name, or the default one. Raises KeyError for an unknown name."""
        return self.clusters[0] if name is None else _named(self.clusters, name)

    def size(self, name: str) -> Size:
        """The size of that name. Raises KeyError."""
        return _named(self.sizes, name)

    def known_size(self, name: str) -> Size | None:
        """The same; None for one that is no longer configured."""
        return next((size for size in self.sizes if size.name == name), None)

    def prices_of(self, cluster: str) -> Prices:
        """A cluster's prices; the default one's for a cluster that is no longer configured."""
        return next((one for one in self.clusters if one.name == cluster), self.clusters[0]).prices

    def template(self, name: str) -> Template:
        """The template of that name. Raises KeyError."""
        return _named(self.templates, name)

    def team(self, name: str) -> Team | None:
        """The team of that name; None for a team that is no longer configured."""
        return next((team for team in self.teams if team.name == name), None)

    @property
    def listed_admins(self) -> frozenset[str]:
        """The e-mails of the admins whom berth.yaml lists, also with the role in a team; lower case."""
        of_teams = (email for team in self.teams for email, role in team.members.items() if role is Role.ADMIN)
        return self.admins.union(of_teams)

    @property
    def privileged(self) -> frozenset[str]:
        """The e-mails that bear a role above member, lower case."""
        of_teams = (email for team in self.teams for email, role in team.members.items() if role is not Role.MEMBER)
        return self.admins.union(of_teams)


Entry = TypeVar("Entry", ClusterSpec, Size, Template)


def _named(entries: Sequence[Entry], name: str) -> Entry:
    for entry in entries:
        if entry.name == name:
            return entry
    raise KeyError(name)
