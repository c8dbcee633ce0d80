"""How admins are answered. Pure functions."""

from bot.rules.words import capital
from bot.seams.slack import Message
from handlers.blocks import code, context, message, section
from handlers.blocks import sentence as told
from handlers.ids import COMMAND


def paused(reason: str) -> Message:
    """Time is stopped."""
    text = f"{told(capital(reason))} Warnings that were out are answered."
    return message(text, [section(text), context(f"{code(f'{COMMAND} admin resume')} lets time go on.")])


def resumed(*, was_paused: bool) -> Message:
    """Time goes on."""
    if not was_paused:
        return message("Nothing was paused.")
    return message("Time goes on. Nothing falls asleep or is deleted before its people are warned anew.")
