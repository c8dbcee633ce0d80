"""The weekly digest: what each team's environments cost, what sleep saved, and what ends soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.rules.catalogue import Catalogue, Prices, Team
from bot.seams.slack import Slack, SlackError
from bot.usecases.addressees import of_leads
from bot.usecases.apart import apart
from bot.usecases.costs import CostLine, CostReport, Costs
from bot.usecases.responsible import Responsible
from store.database import Store
from store.tables import Environment, Notice

_WEEK = timedelta(days=7)
_LATEST = timedelta(days=2)  # a digest missed for longer than this is left out rather than told late


@dataclass(frozen=True)
class Digests:
    """The pass. Each team's week is said once, whatever restarts in between."""

    store: Store
    catalogue: Catalogue
    costs: Costs
    slack: Slack
    clock: Clock

    def say_due(self) -> int:
        """Write the digests whose hour has come, to each team's channel or else its leads; how many were new."""
        said = 0
        for team in self.catalogue.teams:
            with apart("a digest could not be written; the other teams' are", team=team.name):
                said += self._say(team)
        return said

    def _say(self, team: Team) -> bool:
        until = self._newest_hour(team)
        if self.clock.now() - until > _LATEST:
            return False
        key = f"digest:{team.name}:{until.date().isoformat()}"
        with self.store.read() as records:
            if records.notices.keyed(key) is not None:
                return False
        report = self.costs.team(team.name, until - _WEEK, until)
        if not report.lines:
            return False  # nothing to say is not said
        previous = self.costs.team(team.name, until - 2 * _WEEK, until - _WEEK)
        try:
            workspace = self.slack.workspace_id()
        except SlackError:
            return False  # the next pass tries again
        self._write(team, key, workspace, self._facts(team, report, previous))
        return True

    def _write(self, team: Team, key: str, workspace: str, facts: dict[str, Any]) -> None:
        now = self.clock.now()
        with self.store.begin() as records:
            answering = Responsible(self.catalogue, self.clock, records, workspace)
            for index, recipients in enumerate(of_leads(answering, team.name)):
                records.notices.say(
                    Notice(
                        key=f"{key}:{index}" if index else key,
                        workspace_id=workspace,
                        kind="digest",
                        facts=facts,
                        recipients=recipients,
                        created_at=now,
                        due_at=now,
                    )
                )

    def _newest_hour(self, team: Team) -> datetime:
        """The newest instant at or before now that is the digest's weekday and hour where the team is."""
        zone = ZoneInfo(team.time_zone)
        local = self.clock.now().astimezone(zone)
        back = (local.weekday() - self.catalogue.digest.weekday) % 7
        moment = (local - timedelta(days=back)).replace(
            hour=self.catalogue.digest.hour, minute=0, second=0, microsecond=0
        )
        return moment if moment <= local else moment - _WEEK

    def _facts(self, team: Team, report: CostReport, previous: CostReport) -> dict[str, Any]:
        return {
            "team": team.name,
            "since": report.since.isoformat(),
            "until": report.until.isoformat(),
            "lines": [_line(line) for line in report.lines],
            "totals": _amounts(report.totals),
            "saved_totals": _amounts(report.saved_totals),
            "previous_totals": _amounts(previous.totals),
            "expiring": [
                {"name": e.name, "owner_id": e.owner_id, "expires_at": e.expires_at.isoformat()}
                for e in self._ending(team)
                if e.expires_at is not None
            ],
            "prices": {cluster: _prices(prices) for cluster, prices in report.prices.items()},
        }

    def _ending(self, team: Team) -> list[Environment]:
        soon = self.clock.now() + _WEEK
        with self.store.read() as records:
            workspaces = {e.workspace_id for e in records.environments.lived_since(self.clock.now(), team=team.name)}
            living = [e for w in sorted(workspaces) for e in records.environments.living(w, teams=[team.name])]
        return [e for e in living if e.expires_at is not None and e.expires_at <= soon]


def _amounts(totals: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{total:.6f}" for currency, total in totals.items()}


def _prices(prices: Prices) -> dict[str, str]:
    return {
        "cpu_core_hour": str(prices.cpu_core_hour),
        "memory_gib_hour": str(prices.memory_gib_hour),
        "storage_gib_hour": str(prices.storage_gib_hour),
        "gpu_hour": str(prices.gpu_hour),
        "currency": prices.currency,
    }


def _line(line: CostLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "owner_id": line.owner_id,
        "phase": line.phase.value,
        "awake_s": int(line.awake.total_seconds()),
        "asleep_s": int(line.asleep.total_seconds()),
        "cost": f"{line.cost:.6f}",
        "saved": f"{line.saved:.6f}",
        "currency": line.currency,
    }
