"""How many requests to the API server, and messages to Slack, each thing that people do costs.

Counted where they arrive. The passes are run by hand, as in the other tests, so that the counts are the same every time
and on every machine.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.rules.words import Phase
from bot.sandbox.cluster.faults import RequestLog
from tests.sandbox.slack.person import until
from tests.world import Harbour, World


@dataclass(frozen=True)
class Cost:
    """What one act cost: requests to the API server by verb and resource, and calls of Slack's Web API."""

    act: str
    requests: Counter[str]
    calls: Counter[str]

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in self.requests.most_common())


def life(world: World) -> Iterator[Cost]:
    """One environment of each template through its life, an act at a time."""
    yield _act(world, "create, blank", "/k8s create plain template=blank", Phase.RUNNING)
    yield _act(world, "create, web", "/k8s create shop template=web", Phase.RUNNING)
    yield _act(world, "sleep", "/k8s sleep shop", Phase.SLEEPING)
    yield _act(world, "wake", "/k8s wake shop", Phase.RUNNING)
    yield _connect(world, "connect")
    yield _connect(world, "connect again")
    yield _act(world, "share", "/k8s share shop team edit", Phase.RUNNING)
    yield _delete(world)


def idle_sweep(world: World) -> Cost:
    """A sweep at a moment when nothing is due."""
    world.tick()
    with _Counting(world.harbour) as counted:
        world.berth.passes.lifetimes.judge_due()
    return counted.cost("sweep, none due")


class _Counting:
    """A stretch of time whose requests are counted."""

    def __init__(self, harbour: Harbour) -> None:
        self._harbour = harbour
        self._requests: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()

    def __enter__(self) -> "_Counting":
        self._log().clear()
        self._harbour.control.http.delete("/requests")
        return self

    def __exit__(self, *_: object) -> None:
        by_bot = [each for each in self._log().entries() if each.user_agent.startswith("berth")]
        self._requests = Counter(f"{each.verb} {each.resource}" for each in by_bot)
        self._calls = Counter(each["method"] for each in self._harbour.control.get("/requests"))

    def cost(self, act: str) -> Cost:
        """What was counted."""
        return Cost(act, self._requests, self._calls)

    def _log(self) -> RequestLog:
        if self._harbour.sandbox is None:
            raise RuntimeError("requests are counted by the sandbox cluster")
        return self._harbour.sandbox.requests


def _act(world: World, what: str, line: str, phase: Phase) -> Cost:
    with _Counting(world.harbour) as counted:
        world.says(world.ada, line)
        world.settle()
    reached = world.environment(line.split()[2]).phase
    if reached is not phase:
        raise RuntimeError(f"{line} ended in {reached}")
    return counted.cost(what)


def _connect(world: World, act: str) -> Cost:
    world.ada.does("reload")
    with _Counting(world.harbour) as counted:
        world.says(world.ada, "/k8s connect shop")
        until(lambda: "kubectl" in str(world.ada.modal()), "the kubeconfig")
    return counted.cost(act)


def _delete(world: World) -> Cost:
    with _Counting(world.harbour) as counted:
        world.says(world.ada, "/k8s delete shop")
        until(lambda: world.ada.modal().get("submit"), "the question")
        world.ada.does("submit", view_id=world.ada.modal()["id"])
        world.settle()
    return counted.cost("delete")
