"""Puts every listener and middleware of handlers/ into a Bolt app. Whatever is not here is never called."""

import re

from slack_bolt import App

from bot.usecases import UseCases
from handlers import clicks, commands, errors, middleware
from handlers.home import listeners as home
from handlers.ids import COMMAND, ActionId, pattern

_ANYTHING = re.compile(".*", re.DOTALL)


def register(app: App, uses: UseCases) -> None:
    """Register everything; what catches the rest comes last, since Bolt takes the first that matches."""
    for step in (middleware.carrying(uses), middleware.once, middleware.acting):
        app.use(step)
    app.command(COMMAND)(commands.on_command)
    for action in clicks.CLICKS:
        app.action(pattern(action))(clicks.on_click)
    app.action(pattern(ActionId.HOME_SHOW))(clicks.on_home_shown)
    for callback in clicks.SUBMISSIONS:
        app.view(callback)(clicks.on_submitted)
    app.event("app_home_opened")(home.opened)
    for event in ("user_change", "team_join"):
        app.event(event)(home.user_changed)
    for event in middleware.USER_GROUP_EVENTS:
        app.event(event)(home.user_groups_changed)
    app.action(_ANYTHING)(clicks.on_older_button)
    app.view(_ANYTHING)(clicks.on_older_form)
    app.error(errors.on_error)
