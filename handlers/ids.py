"""Every id that travels to Slack and comes back: buttons, forms, their blocks and fields.

A message may be answered years after it was posted, so a value here is never given a second meaning. Nothing else in
handlers/ may write such an id by hand.
"""

import re
import zlib
from enum import StrEnum
from typing import Final

COMMAND: Final = "/k8s"
COPY_MARK: Final = "~"
"""Stands before the count in the id of a button's second and later copies within one message."""


class ActionId(StrEnum):
    """What a click asks for. Each has one row in handlers.clicks, but for the App Home's own."""

    COMMAND_RUN = "command.run"
    HELP_SHOW = "help.show"
    HOME_SHOW = "home.show"
    ENVIRONMENT_FORM = "environment.form"
    ENVIRONMENT_LIST = "environment.list"
    ENVIRONMENT_STATUS = "environment.status"
    ENVIRONMENT_SLEEP = "environment.sleep"
    ENVIRONMENT_WAKE = "environment.wake"
    ENVIRONMENT_EXTEND = "environment.extend"
    ENVIRONMENT_DELETE = "environment.delete"
    ENVIRONMENT_CONNECT = "environment.connect"
    ENVIRONMENT_EXEMPT = "environment.exempt"
    ENVIRONMENT_EXEMPT_END = "environment.exempt.end"
    LINK_CONFIRM = "link.confirm"
    LINK_UNDO = "link.undo"
    ACCESS_UNSHARE = "access.unshare"
    ACCESS_DISCONNECT = "access.disconnect"
    COST_SHOW = "cost.show"
    ENVIRONMENT_WHY = "environment.why"
    ENVIRONMENT_SCHEDULE = "environment.schedule"
    ENVIRONMENT_TAKE = "environment.take"
    ENVIRONMENT_RESIZE = "environment.resize"
    LIMIT_ASK = "limit.ask"
    LIMIT_APPROVE = "limit.approve"
    LIMIT_APPROVE_UNTIL = "limit.approve.until"
    LIMIT_DENY = "limit.deny"
    ADMIN_OVERVIEW = "admin.overview"
    ADMIN_PAGE = "admin.page"
    ADMIN_BULK = "admin.bulk"
    ADMIN_AUDIT = "admin.audit"
    ADMIN_AUDIT_PAGE = "admin.audit.page"
    ADMIN_AUDIT_EXPORT = "admin.audit.export"
    ADMIN_SHOW = "admin.show"
    ADMIN_FILTER_TEAM = "admin.filter.team"
    ADMIN_FILTER_CLUSTER = "admin.filter.cluster"
    ADMIN_FILTER_PHASE = "admin.filter.phase"
    ADMIN_FILTER_OWNER = "admin.filter.owner"
    ADMIN_FILTER_UNUSED = "admin.filter.unused"


class CallbackId(StrEnum):
    """Which view it is. Those that can be submitted have one row each in handlers.clicks."""

    ENVIRONMENT_CREATE = "environment.create"
    ENVIRONMENT_DELETE = "environment.delete.sure"
    ENVIRONMENT_EXEMPT = "environment.exempt.reason"
    ENVIRONMENT_TRANSFER = "environment.transfer.sure"
    ENVIRONMENT_RESIZE = "environment.resize.size"
    LIMIT_ASK = "limit.ask.reason"
    LIMIT_APPROVE_UNTIL = "limit.approve.until.when"
    LIMIT_DENY = "limit.deny.reason"
    LINK_CODE = "link.code"
    ADMIN_BULK = "admin.bulk.sure"
    ADMIN_BULK_DELETE = "admin.bulk.delete.sure"
    ADMIN_BULK_WHOM = "admin.bulk.whom"
    READING = "reading"
    HOME = "home"


class BlockId(StrEnum):
    """Blocks of forms, so that what was entered, and what is wrong with it, finds its place."""

    NAME = "name"
    TEMPLATE = "template"
    SIZE = "size"
    TTL = "ttl"
    TEAM = "team"
    CLUSTER = "cluster"
    REASON = "reason"
    UNTIL = "until"
    CODE = "code"
    FILTERS = "filters"
    COUNT = "count"
    WHOM = "whom"


class FieldId(StrEnum):
    """The element inside a form's block; it holds a value and is never clicked."""

    VALUE = "value"


def anew(block: BlockId, what: str) -> str:
    """A block's id that is another one for another `what`: what was chosen in the block does not stay then."""
    return f"{block}.{zlib.crc32(what.encode()):08x}"


def pattern(action: ActionId) -> re.Pattern[str]:
    """Matches a button's id and those of its copies in one message."""
    return re.compile(rf"^{re.escape(action)}(?:{COPY_MARK}\d+)?$")


def original(action_id: str) -> str:
    """The id that a copy was made of."""
    return action_id.partition(COPY_MARK)[0]
