"""The use cases, built: what listeners and passes can ask of Berth."""

from collections.abc import Callable

from bot.app.foundation import Foundation, Nudge
from bot.app.threads import Threads
from bot.seams.oidc import Issuer
from bot.usecases import UseCases
from bot.usecases.access import Access
from bot.usecases.admin import Admin
from bot.usecases.adoption import Adoption
from bot.usecases.announcing import Announcing
from bot.usecases.approvals import Approvals
from bot.usecases.auditing import Auditing
from bot.usecases.bulk import Bulk
from bot.usecases.bulk_deeds import deeds
from bot.usecases.carrying_out import CarryingOut
from bot.usecases.colleagues import Colleagues
from bot.usecases.consumption import Consumptions
from bot.usecases.costs import Costs
from bot.usecases.environments import Environments
from bot.usecases.exemptions import Exemptions
from bot.usecases.identities import Identities
from bot.usecases.limit_settings import LimitSettings
from bot.usecases.link_tickets import Linking
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


def use_cases(on: Foundation, threads: Threads, nudge: Nudge, read_user_groups: Callable[[], None]) -> UseCases:
    """All of them. `read_user_groups` has Slack's user groups read again soon."""
    store, slack, clusters, catalogue, clock = on.store, on.slack, on.clusters, on.catalogue, on.clock
    sleep = Sleep(store, catalogue, clock, nudge)
    people = People(store, slack, catalogue, clock)
    environments = Environments(store, clusters, catalogue, clock, nudge)
    colleagues = Colleagues(store, people, slack.user_by_email)
    resizing = Resizing(store, catalogue, clock, nudge)
    transfer = Transfer(store, catalogue, clock, nudge)
    announcing = Announcing(store, catalogue, clock)
    doings = deeds(sleep, environments, transfer, people.identify, clock.now)
    linking = Linking(people, Identities(store, catalogue, clock), nudge)
    logins = _logins(on, linking)
    revocations = Revocations(store, clusters, catalogue, clock)
    return UseCases(
        people=people,
        mappings=Mappings(store, slack, people, catalogue, clock, nudge),
        environments=environments,
        sleep=sleep,
        exemptions=Exemptions(store, catalogue, clock, nudge),
        outlooks=Outlooks(store, catalogue, clock),
        orphans=Orphans(store, catalogue, clock),
        schedule=Schedule(store, catalogue, clock),
        resizing=resizing,
        limits=LimitSettings(store, catalogue, clock, colleagues, nudge),
        approvals=Approvals(store, catalogue, clock, environments, nudge),
        carrying_out=CarryingOut(store, clock, people, environments, sleep, resizing, nudge),
        links=Links(linking, on.settings.public_url or "" if logins is not None else ""),
        logins=logins,
        admin=Admin(store, catalogue, clock, nudge),
        overview=Overview(store, catalogue, clock),
        bulk=Bulk(store, catalogue, clock, people, doings, announcing, nudge),
        auditing=Auditing(store, catalogue, clock, slack.link, slack.send_file),
        announcing=announcing,
        adoption=Adoption(store, catalogue, clock),
        transfer=transfer,
        protection=Protection(store, catalogue, clock, nudge),
        colleagues=colleagues,
        access=Access(store, clusters, catalogue, clock, revocations, nudge),
        sharing=Sharing(store, people, colleagues, catalogue, clock, nudge),
        revocations=revocations,
        costs=Costs(store, catalogue, clock),
        consumptions=Consumptions(clusters),
        catalogue=catalogue,
        clock=clock.now,
        promptly=threads.promptly,
        background=threads.in_background,
        first_delivery=_first_delivery(on),
        user_groups_changed=read_user_groups,
    )


def _logins(on: Foundation, linking: Linking) -> Logins | None:
    settings, policy = on.settings, on.catalogue.identity.oidc
    if policy is None:
        return None
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    return Logins(linking, Issuer(policy, secret, f"{settings.public_url or ''}/oidc/callback"))


def _first_delivery(on: Foundation) -> Callable[[str], bool]:
    def first_delivery(request_id: str) -> bool:
        with on.store.begin() as records:
            return records.people.first_delivery(request_id, on.clock.now())

    return first_delivery
