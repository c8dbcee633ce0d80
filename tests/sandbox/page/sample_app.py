"""A small app that speaks the whole of Block Kit, so that the page has something to show and to answer.

A real Bolt app over Socket Mode: what the page does reaches it as Slack would deliver it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from tests.sandbox.page import samples

Json = dict[str, Any]


class SampleApp:
    """Answers what the tests do, and remembers what it heard."""

    def __init__(self, client: WebClient) -> None:
        self.client = client
        self._heard: list[Json] = []
        self._news = threading.Condition(threading.RLock())
        self.bolt = App(name="sample", client=client)
        self._register()

    def _register(self) -> None:
        self.bolt.command("/k8s")(self._command)
        self.bolt.action("extend")(self._extend)
        self.bolt.action("mute")(_never_answers)
        self.bolt.action(re.compile("^(?!mute$)"))(self._note)
        self.bolt.options("template")(self._suggest)
        self.bolt.view("create")(self._create)
        self.bolt.view("sure")(self._close)
        self.bolt.view_closed(re.compile(".*"))(self._note)
        self.bolt.event("app_home_opened")(self._home)
        self.bolt.event("message")(self._hear)
        self.bolt.event("app_mention")(self._hear)

    def forget(self) -> None:
        """Forgets what was heard so far."""
        with self._news:
            self._heard.clear()

    def heard(self, kind: str) -> list[Json]:
        """All payloads of that type so far; commands have none of their own and are `command`."""
        with self._news:
            return [one for one in self._heard if one.get("type", "command") == kind]

    def hears(self, kind: str, matches: Callable[[Json], bool] = lambda _: True) -> Json:
        """The newest such payload, waited for; raises TimeoutError after fifteen seconds without one."""

        def newest() -> Json | None:
            return next((one for one in reversed(self.heard(kind)) if matches(one)), None)

        with self._news:
            found = self._news.wait_for(newest, timeout=15)
        if found is None:
            raise TimeoutError(f"the app heard no {kind} like that; it heard {self._heard}")
        return found

    def acts(self, action_id: str) -> Json:
        """The newest click on that element, waited for."""
        return self.hears("block_actions", lambda body: bool(body["actions"][0]["action_id"] == action_id))

    def _remember(self, body: Json) -> None:
        with self._news:
            self._heard.append(body)
            self._news.notify_all()

    def _command(self, ack: Ack, body: Json) -> None:
        self._remember(body)
        answers: dict[str, Callable[[], Any]] = {
            "form": lambda: self.client.views_open(trigger_id=body["trigger_id"], view=samples.FORM),
            "slow": lambda: None,
        }
        word = (body.get("text") or "").partition(" ")[0]
        if word not in answers:
            ack(text=f"You typed `{body.get('text') or ''}`")
            return
        if word != "slow":
            ack()
        answers[word]()

    def _extend(self, ack: Ack, body: Json) -> None:
        self._remember(body)
        ack()
        self.client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Extended", blocks=samples.EXTENDED
        )

    def _note(self, ack: Ack, body: Json) -> None:
        self._remember(body)
        ack()

    def _suggest(self, ack: Ack, body: Json) -> None:
        ack(options=[samples.option(f"{body['value']}-{size}", size) for size in ("small", "large")])

    def _create(self, ack: Ack, body: Json) -> None:
        self._remember(body)
        name = body["view"]["state"]["values"]["name"]["name"]["value"]
        if not name.isalnum():
            ack(response_action="errors", errors={"name": f"“{name}” is not a name: try blue2"})
        elif name == "deep":
            ack(response_action="push", view=samples.SURE)
        else:
            ack()

    def _close(self, ack: Ack, body: Json) -> None:
        self._remember(body)
        ack(response_action="clear")

    def _home(self, event: Json) -> None:
        if event["tab"] == "home":
            self.client.views_publish(user_id=event["user"], view=samples.HOME)
        self._remember({"type": "event", "event": event})

    def _hear(self, event: Json) -> None:
        self._remember({"type": "event", "event": event})


def _never_answers() -> None:
    """Leaves the person waiting until Slack gives up."""
