"""The words of Berth, one per thing, as they stand in the database, on the cluster and in messages.

A word that is not here or in a table's columns does not exist; in particular nothing may write the string of a phase,
label or annotation by hand.
"""

from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """Where an environment stands. Reconcile alone moves it."""

    PROVISIONING = "PROVISIONING"
    RUNNING = "RUNNING"
    FALLING_ASLEEP = "FALLING_ASLEEP"
    SLEEPING = "SLEEPING"
    WAKING = "WAKING"
    DELETING = "DELETING"
    DELETED = "DELETED"
    FAILED = "FAILED"


class Wanted(StrEnum):
    """What the owner asked for; reconcile makes the phase follow."""

    RUNNING = "RUNNING"
    SLEEPING = "SLEEPING"
    DELETED = "DELETED"


class Role(StrEnum):
    """What a person is in a team."""

    MEMBER = "member"
    LEAD = "lead"
    ADMIN = "admin"


class LinkStage(StrEnum):
    """How far a link to the company's login is."""

    GIVEN = "GIVEN"  # somebody has the URL
    BEGUN = "BEGUN"  # a browser has used it
    ANSWERED = "ANSWERED"  # that browser came back, and the issuer is asked
    PROVEN = "PROVEN"  # somebody has logged in, and the Slack person is asked whether it was them
    DONE = "DONE"
    REFUSED = "REFUSED"


class AccessLevel(StrEnum):
    """What a grant lets somebody do in another's environment, by kubectl and in Slack."""

    VIEW = "view"
    EDIT = "edit"


class Step(StrEnum):
    """The steps of making an environment, in their order; each is idempotent."""

    NAMESPACE = "namespace"
    LIMITS = "limits"
    ACCESS = "access"
    TEMPLATE = "template"


class JournalState(StrEnum):
    """What became of one object of a sleep cycle."""

    PLANNED = "PLANNED"  # its original is remembered; nothing has been changed yet
    ASLEEP = "ASLEEP"  # the cluster confirmed the patch
    RESTORED = "RESTORED"  # it has its original back
    KEPT = "KEPT"  # somebody changed it meanwhile: their wish stands
    GONE = "GONE"  # it no longer exists, or another object has its name


class NoticeState(StrEnum):
    """How far a message to people has come."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    UNDELIVERABLE = "UNDELIVERABLE"


class RequestState(StrEnum):
    """How far a request for more than a limit has come."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"  # and not carried out yet
    DONE = "DONE"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"  # approved, but what was asked for could not be done any more
    ENDED = "ENDED"  # undecided, with its environment or with whoever asked


class Verb(StrEnum):
    """What an admin does to many at once."""

    SLEEP = "sleep"
    WAKE = "wake"
    EXTEND = "extend"
    TRANSFER = "transfer"
    DELETE = "delete"
    ANNOUNCE = "announce"


class ItemState(StrEnum):
    """What became of one of many."""

    PLANNED = "PLANNED"
    DONE = "DONE"
    LEFT = "LEFT"  # it had changed meanwhile, or could not be done


BERTH: Final = "berth"  # field manager, managed-by label, the actor of what time does
GROUP: Final = "berth.dev"

LABEL_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
LABEL_ENVIRONMENT: Final = f"{GROUP}/environment-id"
LABEL_OWNER: Final = f"{GROUP}/owner"
LABEL_TEAM: Final = f"{GROUP}/team"
LABEL_ACCOUNT: Final = f"{GROUP}/account"
ANNOTATION_NAME: Final = f"{GROUP}/name"
ANNOTATION_OWNER_EMAIL: Final = f"{GROUP}/owner-email"
ANNOTATION_TEMPLATE: Final = f"{GROUP}/template"
ANNOTATION_SIZE: Final = f"{GROUP}/size"
ANNOTATION_EXPIRES_AT: Final = f"{GROUP}/expires-at"
ANNOTATION_INGRESS_DOMAIN: Final = f"{GROUP}/ingress-domain"  # below which its hosts have to be
ANNOTATION_CYCLE: Final = f"{GROUP}/sleep-cycle"
ANNOTATION_WAKE: Final = f"{GROUP}/wake"  # the merge patch that wakes an object, so that anybody can
ANNOTATION_WAKE_AFTER: Final = f"{GROUP}/wake-after"
ANNOTATION_NEVER_SLEEP: Final = f"{GROUP}/never-sleep"

GPU: Final = "nvidia.com/gpu"  # the one extended resource that sizes, prices and quotas are about

HOME_NAMESPACE: Final = "berth"  # Berth's own namespace on every cluster
BOT_SERVICE_ACCOUNT: Final = "berth"
CLUSTER_ROLE: Final = "berth"
AGENT_ROLE: Final = "berth-agent"
TENANT_ROLE: Final = "berth-tenant-edit"
TENANT_VIEW_ROLE: Final = "berth-tenant-view"
QUOTA: Final = "berth"
SLEEP_QUOTA: Final = "berth-sleep"
LIMITS: Final = "berth"
ISOLATION: Final = "berth-isolation"
ISOLATION_ALLOWED: Final = "berth-isolation-allowed"
AGENT_BINDING: Final = "berth-agent"
OWNER_BINDING: Final = "berth-owner"
EDIT_BINDING: Final = "berth-edit"
VIEW_BINDING: Final = "berth-view"


JOINED: Final = "\u00a0"
"""The space between the words of a command; nobody can type one that stays."""


NAMED: Final = "\u2063"
"""Stands around a name within a sentence of ours; nobody sees it, and nobody can type one that stays."""


def capital(text: str) -> str:
    """The same as the beginning of a sentence. The rest stays as it is, names above all."""
    return text[:1].upper() + text[1:]


def command(line: str) -> str:
    """A command within a sentence of ours. Its words hold together, so that a message can show it as code."""
    return JOINED.join(["/k8s", *line.split()])


def named(name: str) -> str:
    """The name of an environment within a sentence of ours, set apart so that a message can show it as code."""
    return f"{NAMED}{name}{NAMED}"
