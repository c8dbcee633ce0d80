"""The company that the demo plays: its berth.yaml, with times short enough that something happens while one watches."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from bot.config.values import WEEKDAYS
from bot.rules.costs import Footprint
from bot.rules.durations import LONGEST, format_duration

CLUSTER: Final = "harbour"
ZONE: Final = "Europe/Berlin"
SHOP: Final = "shop"  # a template whose cost can be seen within a week
REQUESTED: Final = Footprint(cpu=1.5, memory_gib=3.0)  # by what the template brings

_WARNING: Final = timedelta(minutes=5)  # of real time, between a warning and what it warns of
_LONGEST_WARNING: Final = timedelta(hours=1)  # of Berth's time: a company's warnings are no longer


@dataclass(frozen=True)
class Hours:
    """When the demo's environments fall asleep: sooner than a company's would. Berth's time."""

    idle_after: timedelta
    warn_before: timedelta


def demo_hours(speed: float) -> Hours:
    """The hours of a demo whose time runs `speed` times as fast."""
    warning = min(_WARNING * speed, _LONGEST_WARNING)
    return Hours(2 * warning, warning)


def demo_configuration(now: datetime, speed: float) -> str:
    """The text of berth.yaml for a demo that starts `now` and whose time runs `speed` times as fast."""
    warning = demo_hours(speed).warn_before
    # The digest's hour is the one in which the demo begins: it tells of the company's last week at once.
    digest = now.astimezone(ZoneInfo(ZONE))
    return yaml.safe_dump(
        {
            "clusters": [{"name": CLUSTER}],
            "templates": [
                {"name": SHOP, "summary": "Three pods that ask for as much as a real shop's.", "manifests": [_shop()]}
            ],
            "teams": [
                {
                    "name": "payments",
                    "channel": "#payments",
                    "time_zone": ZONE,
                    "members": ["ada@harbour.example", {"email": "lin@harbour.example", "role": "lead"}],
                },
                {
                    "name": "search",
                    "channel": "#search",
                    "time_zone": ZONE,
                    "members": ["mio@harbour.example"],
                },
            ],
            "admins": ["root@harbour.example"],
            "sleep": {
                "idle_after": format_duration(demo_hours(speed).idle_after),
                "warn_before": format_duration(warning),
            },
            "ttl": {
                "default": format_duration(12 * warning),
                "longest": format_duration(min(timedelta(days=30), LONGEST)),
                "warn_before": [format_duration(6 * warning), format_duration(warning)],
            },
            "digest": {"weekday": WEEKDAYS[digest.weekday()], "hour": digest.hour},
        },
        sort_keys=False,
    )


def _shop() -> dict[str, Any]:
    labels = {"app": SHOP}
    replicas = 3
    requests = {
        "cpu": f"{1000 * REQUESTED.cpu / replicas:.0f}m",
        "memory": f"{1024 * REQUESTED.memory_gib / replicas:.0f}Mi",
    }
    container = {
        "name": SHOP,
        "image": "docker.io/nginxinc/nginx-unprivileged:1.29-alpine",
        "resources": {"requests": requests, "limits": requests},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": SHOP},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
