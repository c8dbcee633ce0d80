"""The passes, built: what time and crashes make due."""

import os
from dataclasses import dataclass

from bot.app.foundation import Foundation
from bot.outbox import Outbox
from bot.reconcile.access import AccessPass
from bot.reconcile.budgets import Budgets
from bot.reconcile.digests import Digests
from bot.reconcile.drift import Drift
from bot.reconcile.engine import Engine
from bot.reconcile.forgetting import Forgetting
from bot.reconcile.hearing import Hearing
from bot.reconcile.leaving import Leaving
from bot.reconcile.lifetimes import Lifetimes
from bot.reconcile.metering import Metering
from bot.reconcile.orphans import OrphanCare
from bot.reconcile.readings import Readings
from bot.reconcile.traffic import Meters
from bot.reconcile.user_groups import UserGroups
from bot.reconcile.vigil import Vigil
from bot.usecases import UseCases
from bot.usecases.identities import Identities
from handlers.notices import render


@dataclass(frozen=True)
class Passes:
    """What time and crashes make due; the tests run these by hand."""

    engine: Engine
    outbox: Outbox
    lifetimes: Lifetimes
    vigil: Vigil
    metering: Metering
    digests: Digests
    leaving: Leaving
    orphans: OrphanCare
    budgets: Budgets
    user_groups: UserGroups
    readings: Readings
    access: AccessPass
    drift: Drift
    forgetting: Forgetting


def passes(on: Foundation, uses: UseCases) -> Passes:
    """All of them, to be run by this process."""
    store, slack, clusters, catalogue, clock = on.store, on.slack, on.clusters, on.catalogue, on.clock
    worker = f"{store.process}:{os.uname().nodename}:{os.getpid()}"
    return Passes(
        engine=Engine(store, clusters, catalogue, clock, worker),
        outbox=Outbox(store, slack, render, clock, worker),
        lifetimes=Lifetimes(store, clusters, catalogue, clock, _hearing(on), Meters.configured(catalogue.clusters)),
        vigil=Vigil(store, clusters, catalogue, clock),
        metering=Metering(store, clusters, clock),
        digests=Digests(store, catalogue, uses.costs, slack, clock),
        leaving=Leaving(store, slack, catalogue, clock, uses.revocations),
        orphans=OrphanCare(store, catalogue, clock),
        budgets=Budgets(store, catalogue, clock),
        user_groups=UserGroups(Identities(store, catalogue, clock), slack, uses.revocations),
        readings=Readings(store, clusters, clock),
        access=AccessPass(store, clock, uses.revocations),
        drift=Drift(store, clusters, catalogue, clock),
        forgetting=Forgetting(store, catalogue, clock),
    )


def _hearing(on: Foundation) -> Hearing:
    meant = Hearing.meant_by(on.catalogue, on.settings.audit_token is not None)
    return Hearing(on.store, on.clusters, on.catalogue, on.clock, meant, began=on.clock.now())
