"""The tables. A row is a plain value once its transaction has ended; only a transaction of `store.database` changes it.

Columns named `due_at` and `check_at` are what the timed passes look for; they are indexed, so that a pass costs what is
due, not what exists.

They stand in files by subject; this is the one way in, so that whoever knows one of them knows all.
"""

from store.tables.access import AccessGrant, ClusterUser, Revocation
from store.tables.admin import BulkItem, BulkPlan, Pause
from store.tables.audit import AuditEvent
from store.tables.clusters import AuditSource, ClusterReading
from store.tables.environments import Environment, JournalEntry, Orphan
from store.tables.fields import new_id
from store.tables.identities import IdentityHolder, IdentityMapping, LinkTicket, LostIdentity, OidcLink
from store.tables.limits import LimitRaise, LimitRequest, LimitSetting
from store.tables.messages import Delivery, Notice
from store.tables.people import Person, UserGroup, UserGroupMember
from store.tables.usage import OpenSession, UsageSpan, Visit

__all__ = [
    "AccessGrant",
    "AuditEvent",
    "AuditSource",
    "BulkItem",
    "BulkPlan",
    "ClusterReading",
    "ClusterUser",
    "Delivery",
    "Environment",
    "IdentityHolder",
    "IdentityMapping",
    "JournalEntry",
    "LimitRaise",
    "LimitRequest",
    "LimitSetting",
    "LinkTicket",
    "LostIdentity",
    "Notice",
    "OidcLink",
    "OpenSession",
    "Orphan",
    "Pause",
    "Person",
    "Revocation",
    "UsageSpan",
    "UserGroup",
    "UserGroupMember",
    "Visit",
    "new_id",
]
