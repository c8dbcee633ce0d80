"""Submitting and closing modals: what Slack's client checks first, and what the app's answer does to the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import elements, showing
from bot.sandbox.slack.acts import NO_CONNECTION, Acts, enter, top_view
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json, Person, View

REQUIRED = "Please complete this required field."


def complaints(view: View, values: elements.State) -> dict[str, str]:
    """What the client itself objects to before it submits, by block."""
    found: dict[str, str] = {}
    for one in elements.placed(view.blocks):
        if one.block["type"] != "input":
            continue
        held = elements.STATEFUL[one.element["type"]][0]
        value = values.get(one.block_id, {}).get(one.action_id, {}).get(held)
        if value in (None, "", []):
            if not one.block.get("optional"):
                found[one.block_id] = REQUIRED
        elif complaint := _complaint(one.element, value):
            found[one.block_id] = complaint
    return found


def _complaint(element: Json, value: Any) -> str:
    if element["type"] == "plain_text_input":
        least, most = int(element.get("min_length", 0)), int(element.get("max_length", 3000))
        if not least <= len(str(value)) <= most:
            return f"Please enter between {least} and {most} characters."
    if element["type"] == "number_input":
        return _number_complaint(element, str(value))
    if element["type"] == "email_text_input" and "@" not in str(value):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in str(value):
        return "Please enter a valid URL."
    return ""


def _number_complaint(element: Json, value: str) -> str:
    try:
        number = float(value) if element.get("is_decimal_allowed") else int(value)
    except ValueError:
        return "Please enter a number."
    least, most = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return "" if least <= number <= most else "Please enter a number in the allowed range."


@dataclass(frozen=True)
class Forms:
    """A person's modals."""

    acts: Acts

    async def submit(self, person: Person, given: Json) -> Json:
        """Submits the topmost modal; answers `errors` by block where the client or the app objects."""
        workspace = self.acts.workspace
        view = top_view(workspace, person, str(given.get("view_id")))
        if not view.content.get("submit"):
            raise SlackError("view_has_no_submit")
        enter(view.blocks, view.values, given.get("values") or {}, view.offered)
        view.errors = complaints(view, elements.states(view.blocks, view.values))
        if not view.errors:
            view.loading = True
            workspace.changed("views", person.id)
            answer = await self.acts.courier.act("interactive", self.acts.payloads.submission(person, view))
            view.loading = False
            view.errors = self._follow(person, view, answer.payload) if answer.ok else {"": NO_CONNECTION}
        workspace.changed("views", person.id)
        return {"ok": not view.errors, "errors": view.errors} if view.errors else {"ok": True}

    def _follow(self, person: Person, view: View, answer: Json) -> dict[str, str]:
        workspace = self.acts.workspace
        kind = answer.get("response_action")
        try:
            if kind == "errors":
                return self._objections(view, answer)
            if kind == "update":
                showing.change(workspace, view, answer.get("view"))
            elif kind == "push":
                showing.push(workspace, person.id, answer.get("view"))
            else:
                self._close(person, everything=kind == "clear", submitted=view)
        except SlackError:
            # Slack shows a view it cannot render as a failed submission.
            return {"": NO_CONNECTION}
        return {}

    def _objections(self, view: View, answer: Json) -> dict[str, str]:
        errors = answer.get("errors")
        known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= known:
            return {"": NO_CONNECTION}
        return {str(block_id): str(text) for block_id, text in errors.items()}

    def close(self, person: Person, given: Json) -> Json:
        """Closes the topmost modal, or the whole stack with `all`."""
        view = top_view(self.acts.workspace, person, str(given.get("view_id")))
        everything = bool(given.get("all")) or bool(view.content["clear_on_close"])
        self._close(person, everything=everything)
        return {"ok": True}

    def _close(self, person: Person, *, everything: bool, submitted: View | None = None) -> None:
        for view in showing.close(self.acts.workspace, person.id, everything=everything):
            if view.content["notify_on_close"] and view is not submitted:
                payload = self.acts.payloads.closed(person, view, cleared=everything)
                self.acts.courier.in_background(self.acts.courier.act("interactive", payload))
