"""What a single value of berth.yaml may be: names, durations, quantities, money, zones, e-mails, channels.

Each function takes what YAML made of the value and returns what the catalogue holds, or raises Refused with a sentence
that shows a good one.
"""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

from bot.config.problems import Refused, shown, suggestion
from bot.rules.durations import DurationError, format_duration, parse_duration
from bot.rules.quantities import amount
from bot.rules.words import Role
from bot.rules.working_hours import WorkingHours, WorkingHoursError
from bot.rules.working_hours_text import parse_working_hours
from bot.rules.workloads import KINDS

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_NAMESPACE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_OBJECT: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.ASCII)
_DEFINITION: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s\"<>,;]+@[^@\s\"<>,;.]+(?:\.[^@\s\"<>,;.]+)+")
_DOMAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.ASCII)
_USER_GROUP: Final = re.compile(r"S[A-Z0-9]{5,20}|@[^\s@#A-Z,]{1,80}")
_CHANNEL: Final = re.compile(r"[CG][A-Z0-9]{5,20}|#[^\s#A-Z,.@]{1,80}")
_CPU: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?|[0-9]{1,12}m", re.ASCII)
_BYTES: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,3})?(?:k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?", re.ASCII)
_SHORTEST_TOKEN: Final = timedelta(minutes=10)  # the API server issues none shorter than 600 s
_LONGEST_TOKEN: Final = timedelta(days=1)


def text(value: Any) -> str:
    """One line of words."""
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise Refused(f"{shown(value)} should be up to 200 characters of text.")
    return " ".join(value.split())


def name(value: Any) -> str:
    """A name that can also be a Kubernetes label value and a word of a Slack command."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refused(
            f"{shown(value)} is not a name: use up to 40 lower-case letters, digits and dashes, "
            f"beginning and ending with a letter or digit{_slug_hint(value)}."
        )
    return value


def namespace(value: Any) -> str:
    """The name of a namespace that is already on the cluster."""
    if not isinstance(value, str) or not _NAMESPACE.fullmatch(value):
        raise Refused(f"{shown(value)} is not the name of a namespace: try ingress-nginx.")
    return value


def priority_class(value: Any) -> str:
    """A PriorityClass that environments may use, and none of the cluster's own."""
    if not isinstance(value, str) or len(value) > 253 or not _OBJECT.fullmatch(value):
        raise Refused(f"{shown(value)} is not the name of a PriorityClass: try batch-low.")
    if value.startswith("system-"):
        raise Refused(f"{shown(value)} is the cluster's own, and its pods push all others away: name one of yours.")
    return value


def scaled_kind(value: Any) -> str:
    """A custom kind by the name of its definition: plural, dot, group."""
    if not isinstance(value, str) or len(value) > 253 or not _DEFINITION.fullmatch(value):
        raise Refused(f"{shown(value)} is not a kind's plural and group: try widgets.example.com.")
    if value in {f"{kind.plural}.{kind.group}" for kind in KINDS.values()}:
        raise Refused(f"{value} sleeps already, without being named here: take it out.")
    return value


def server_url(value: Any) -> str:
    """The address of an API server."""
    if not isinstance(value, str) or not re.fullmatch(r"https://[^\s/@]+(?:/[^\s?#]*)?", value):
        raise Refused(f"{shown(value)} is not the address of an API server: try https://api.example.com:6443.")
    return value


ACCESSES: Final = ("token", "oidc")


def access(value: Any) -> str:
    """How people are known to a cluster's API server."""
    if value not in ACCESSES:
        raise Refused(f"{shown(value)} is no kind of access: write token, or oidc with a section oidc beside it.")
    return str(value)


def issuer_url(value: Any) -> str:
    """The address of an OpenID Connect issuer, as its tokens name it."""
    if not isinstance(value, str) or not re.fullmatch(r"https://[^\s/@?#]+(?:/[^\s?#@]*)?", value):
        raise Refused(f"{shown(value)} is not the address of an issuer: try https://dex.example.com.")
    return value


def username_claim(value: Any) -> str:
    """The claim that the API server takes user names from."""
    if value not in ("email", "sub"):
        raise Refused(f"{shown(value)} is no claim that Berth knows of people: write email or sub.")
    return str(value)


def name_prefix(value: Any) -> str:
    """What an API server puts before the names that an issuer gives; it may be empty."""
    if not isinstance(value, str) or value.startswith("system:") or not re.fullmatch(r"[^\s]{0,100}", value):
        raise Refused(f'{shown(value)} is no prefix of names, and "system:" is the cluster\'s own: try "oidc:".')
    return value


def prometheus_url(value: Any) -> str:
    """The address of a Prometheus server, without the path of its API."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/@?#]+(?:/[^\s?#@]*)?", value):
        raise Refused(f"{shown(value)} is not the address of a Prometheus: try http://prometheus.monitoring:9090.")
    return value.rstrip("/")


def query(value: Any) -> str:
    """A query in PromQL, on one line or several."""
    if not isinstance(value, str) or not value.strip() or len(value) > 4_000:
        raise Refused(
            f"{shown(value)} should be a query in PromQL of up to 4000 characters: "
            "try sum by (namespace) (rate(http_requests_total[5m]))."
        )
    return value.strip()


def pattern(value: Any) -> str:
    """A name in which `*` and `?` may stand for anything, but not for everything."""
    if not isinstance(value, str) or not value.strip("*? ") or len(value) > 200:
        raise Refused(
            f"{shown(value)} should be a name of up to 200 characters, in which * and ? may stand for others, "
            "but not for all of it: try system-monitor or oidc:robot-*."
        )
    return value.strip()


def file(value: Any) -> str:
    """A file that is there."""
    path = Path(str(value)).expanduser()
    if not path.is_file():
        raise Refused(f"there is no file {shown(value)}.")
    return str(path)


def duration(value: Any) -> timedelta:
    """A duration, as `4h` or `1d12h`."""
    try:
        return parse_duration(str(value))
    except DurationError as error:
        raise Refused(str(error).removeprefix("Duration ").rstrip(".") + ".") from None


def duration_or_none(value: Any) -> timedelta:
    """A duration as people write it, or `none` for no time at all."""
    return timedelta() if value == "none" else duration(value)


def working_hours(value: Any) -> WorkingHours:
    """Working hours as people type them after /k8s schedule; UTC where they name no time zone."""
    try:
        return parse_working_hours(value if isinstance(value, str) else "", "UTC")
    except WorkingHoursError as error:
        raise Refused(str(error)) from error


def never_sleep(value: Any) -> frozenset[Role]:
    """Who may exempt an environment from sleep: a role and those above it, or nobody."""
    roles = list(Role)
    return frozenset() if value == "nobody" else frozenset(roles[roles.index(role(value)) :])


def token_lifetime(value: Any) -> timedelta:
    """How long a person's cluster token may live: short, because it cannot be taken back once copied."""
    lifetime = duration(value)
    if not _SHORTEST_TOKEN <= lifetime <= _LONGEST_TOKEN:
        least, most = format_duration(_SHORTEST_TOKEN), format_duration(_LONGEST_TOKEN)
        raise Refused(f"{shown(value)} is not allowed: a token lives from {least} to {most}.")
    return lifetime


def size_cpu(value: Any) -> str:
    """Cores enough for a container that asks for nothing, which is given half a one at the most."""
    return _at_least("500m", cpu(value))


def size_memory(value: Any) -> str:
    """Bytes enough for a container that asks for nothing, which is given 512Mi at the most."""
    return _at_least("512Mi", memory(value))


def cpu(value: Any) -> str:
    """A Kubernetes quantity of cores, as `2` or `500m`."""
    return _quantity(value, _CPU, 'a number of cores: try 2, 0.5 or "500m"')


def memory(value: Any) -> str:
    """A Kubernetes quantity of bytes, as `4Gi`."""
    return _quantity(value, _BYTES, "an amount of bytes: try 512Mi or 4Gi")


def count(value: Any) -> int:
    """A whole number from 1 to 10,000."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
        raise Refused(f"{shown(value)} should be a whole number from 1 to 10000.")
    return value


def hour(value: Any) -> int:
    """An hour of the day, 0 to 23."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 23:
        raise Refused(f"{shown(value)} is not an hour of the day: write 0 to 23.")
    return value


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Refused(f"{shown(value)} should be true or false.")
    return value


def weekday(value: Any) -> int:
    """A day of the week by its English name, as a number from Monday 0."""
    day = str(value).lower()
    if day not in WEEKDAYS:
        raise Refused(
            f"{shown(value)} is not a day of the week{suggestion(day, WEEKDAYS)}: write one of {', '.join(WEEKDAYS)}."
        )
    return WEEKDAYS.index(day)


def count_or_none(value: Any) -> int:
    """A whole number from 0 to 10,000."""
    return 0 if value == 0 and not isinstance(value, bool) else count(value)


def price(value: Any) -> Decimal:
    """Money per hour, zero or more."""
    try:
        amount = Decimal(str(value)) if not isinstance(value, bool) else Decimal("nan")
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount <= 1_000_000:
        raise Refused(f"{shown(value)} is not a price per hour: try 0.0316.")
    return amount


def currency(value: Any) -> str:
    """A currency by its three-letter code."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise Refused(f"{shown(value)} is not a currency: write its three letters, as USD or EUR.")
    return value


def time_zone(value: Any) -> str:
    """An IANA time zone, as Europe/Berlin."""
    if value not in _zones():
        raise Refused(
            f"{shown(value)} is not a time zone{suggestion(str(value), _zones())}: "
            "write an IANA name, as Europe/Berlin or UTC."
        )
    return str(value)


def email(value: Any) -> str:
    """An e-mail address, in lower case."""
    address = str(value).strip()
    if len(address) > 254 or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise Refused(f"{shown(value)} is not an e-mail address: write it as ada@example.com.")
    return address.lower()


def domain(value: Any) -> str:
    """What stands behind the @ of e-mail addresses."""
    written = str(value).lower().removeprefix("@")
    if not _DOMAIN.fullmatch(written):
        raise Refused(f"{shown(value)} is not the domain of e-mail addresses: try corp.example.")
    return written


def ingress_domain(value: Any) -> str:
    """A domain below which the hosts of environments are."""
    written = str(value).lower().removeprefix("*").removeprefix(".")
    if not _DOMAIN.fullmatch(written):
        raise Refused(f"{shown(value)} is not a domain: try dev.example.com, for hosts as web.blue.dev.example.com.")
    return written


def user_group(value: Any) -> str:
    """A user group of Slack, by id or by handle."""
    if not isinstance(value, str) or not _USER_GROUP.fullmatch(value):
        raise Refused(
            f'{shown(value)} is not a user group of Slack: write its handle, as "@payments", or its id, as S0123456789.'
        )
    return value


def issuer(value: Any) -> str:
    """An OpenID Connect issuer; only one on this machine may be without TLS."""
    local = re.match(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?(?:/|$)", str(value))
    if not re.fullmatch(r"https?://[^\s/@?#]+(?:/[^\s?#@]*)?", str(value)) or (
        str(value).startswith("http:") and not local
    ):
        raise Refused(f"{shown(value)} is not the address of an issuer: try https://login.corp.example.")
    return str(value)


def channel(value: Any) -> str:
    """A Slack channel, by id or by name."""
    if not isinstance(value, str) or not _CHANNEL.fullmatch(value):
        raise Refused(
            f'{shown(value)} is not a Slack channel: write its id, as C0123456789, or its name, as "#payments".'
        )
    return value


def role(value: Any) -> Role:
    """A person's role in a team."""
    if value not in tuple(Role):
        raise Refused(
            f"{shown(value)} is not a role{suggestion(str(value), tuple(Role))}: write one of {', '.join(Role)}."
        )
    return Role(value)


def _quantity(value: Any, pattern: re.Pattern[str], meaning: str) -> str:
    written = str(value)
    digits = re.match(r"[0-9.]*", written, re.ASCII)
    if isinstance(value, bool) or not pattern.fullmatch(written) or digits is None or not Decimal(digits[0]):
        raise Refused(f"{shown(value)} is not {meaning}.")
    return written


def _at_least(least: str, written: str) -> str:
    if amount(written) < amount(least):
        raise Refused(f"{shown(written)} is too little: a single container may need {least}.")
    return written


def _slug_hint(value: Any) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")[:40].strip("-")
    return f', as "{slug}"' if slug else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
