"""Use cases: what a person, or time, can ask of Berth. Each validates, authorises, writes intent and returns.

`UseCases` is what the listeners are given; the composition root builds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.rules.catalogue import Catalogue
from bot.usecases.access import Access
from bot.usecases.admin import Admin
from bot.usecases.adoption import Adoption
from bot.usecases.announcing import Announcing
from bot.usecases.approvals import Approvals
from bot.usecases.auditing import Auditing
from bot.usecases.bulk import Bulk
from bot.usecases.carrying_out import CarryingOut
from bot.usecases.colleagues import Colleagues
from bot.usecases.consumption import Consumptions
from bot.usecases.costs import Costs
from bot.usecases.environments import Environments
from bot.usecases.exemptions import Exemptions
from bot.usecases.limit_settings import LimitSettings
from bot.usecases.links import Links
from bot.usecases.logins import Logins
from bot.usecases.mappings import Mappings
from bot.usecases.orphans import Orphans
from bot.usecases.outlooks import Outlooks
from bot.usecases.overview import Overview
from bot.usecases.people import People
from bot.usecases.protection import Protection
from bot.usecases.resizing import Resizing
from bot.usecases.revocations import Revocations
from bot.usecases.schedule import Schedule
from bot.usecases.sharing import Sharing
from bot.usecases.sleep import Sleep
from bot.usecases.transfer import Transfer


@dataclass(frozen=True)
class UseCases:
    """Everything a listener may call.

    `promptly` judges what was asked right after its acknowledgement, one by one; `background` does what may take
    its time, on others; `first_delivery` says whether a Slack delivery
    comes for the first time; `user_groups_changed` has Slack's user groups read again soon.
    """

    people: People
    environments: Environments
    sleep: Sleep
    exemptions: Exemptions
    outlooks: Outlooks
    orphans: Orphans
    schedule: Schedule
    resizing: Resizing
    limits: LimitSettings
    approvals: Approvals
    carrying_out: CarryingOut
    admin: Admin
    mappings: Mappings
    links: Links
    logins: Logins | None
    overview: Overview
    bulk: Bulk
    transfer: Transfer
    protection: Protection
    auditing: Auditing
    adoption: Adoption
    announcing: Announcing
    colleagues: Colleagues
    access: Access
    sharing: Sharing
    revocations: Revocations
    costs: Costs
    consumptions: Consumptions
    catalogue: Catalogue
    clock: Callable[[], datetime]
    promptly: Callable[[Callable[[], None]], None]
    background: Callable[[Callable[[], None]], None]
    first_delivery: Callable[[str], bool]
    user_groups_changed: Callable[[], None]
