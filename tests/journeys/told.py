"""A company whose API server tells Berth that it is there, as one with an audit webhook does every minute."""

from typing import Final

import httpx

from tests.audit import Json, batch, heartbeat
from tests.world import World

TOKEN: Final = "8c1f0a64e9b24d7d"


class ToldWorld(World):
    """A world in which the API server has just told something whenever time is looked at; `silent` ends that."""

    silent = False

    def tick(self) -> None:
        """One run of every timed pass, and what it began."""
        if not self.silent:
            assert self.post(heartbeat()) == 200
        super().tick()

    def post(self, *events: Json) -> int:
        """Send events as the API server of `main` does; the status of the answer."""
        url = f"{self.berth.url}/audit/main/{TOKEN}?timeout=30s"
        return httpx.post(url, json=batch(*events), trust_env=False).status_code
