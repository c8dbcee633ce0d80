"""What people read when something went wrong, and what the log keeps of it.

A refusal is told in its own words. Anything else is told as a reference only: the reason, with its traceback, is in
the log under the same reference, never in Slack.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot.rules.foreign import visible
from bot.rules.words import JOINED
from bot.seams.slack import Message
from bot.usecases.refusal import Refusal
from bot.usecases.wishes import OverLimit
from handlers.blocks import Button, View, actions, bullets, code, context, message, section, sentence
from handlers.grammar import ROWS, Command
from handlers.ids import COMMAND, ActionId
from handlers.limits.asking import ask_for_more
from handlers.mistakes import GrammarError, nearest, stopped

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are mistaken for each other
_CHOICES = 5
_ID = re.compile(r"@([UW][A-Z0-9]{6,20})\b")


@dataclass(frozen=True)
class Asked:
    """What was asked when it went wrong: the line as typed, what it was read as, and names to choose from.

    `called` says what those whom it mentions are called, by their ids, which nobody reads.
    """

    line: str = ""
    command: Command | None = None
    names: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)


def told(error: Exception, asked: Asked | None = None) -> Message:
    """The message for an error. One that is no refusal is logged with its reference."""
    asked = asked or Asked()
    if isinstance(error, GrammarError):
        return _grammar(error, asked)
    if isinstance(error, Refusal):
        return _refusal(error, asked)
    return _unexpected(error)


def words_of(error: Exception) -> str:
    """The error in one plain paragraph, for the places of Slack that show no markup."""
    if isinstance(error, Refusal | GrammarError):
        return visible(" ".join(filter(None, [stopped(error.message), error.hint])).replace(JOINED, " "))
    return _unexpected(error).text


def trouble_view(title: str, error: Exception) -> View:
    """The error as a modal."""
    return View(title, told(error).blocks)


def _grammar(error: GrammarError, asked: Asked) -> Message:
    mended = f"Did you mean {_line(error.mended, asked)}?" if error.mended else ""
    example = f"Write it like this: {_line(error.example, asked)}" if error.example else ""
    run = _run_it(error.mended, asked) if error.runnable and error.mended else _complete(error, asked)
    if len(error.mistakes) == 1:
        return _told([sentence(error.message), mended, sentence(error.hint), example], asked, run)
    wrong = [" ".join(filter(None, [sentence(one.message), sentence(one.hint)])) for one in error.mistakes]
    return _told([f"{len(wrong)} things are wrong:", bullets(wrong), mended, example], asked, run)


def _refusal(error: Refusal, asked: Asked) -> Message:
    if isinstance(error, OverLimit):
        offered = [ask_for_more(error.wish.kept())] if error.can_ask else []
        why = [sentence(one) for one in error.reasons]
        said = why if len(why) == 1 else [f"{len(why)} limits stand in the way:", bullets(why)]
        return _told([*said, sentence(error.hint)], asked, offered)
    line = _instead(error, asked.command)
    harmless = asked.command is None or asked.command.row.harmless
    known = f"{COMMAND} {line}" in error.hint.replace(JOINED, " ")
    mended = f"Try {_line(line, asked)}." if line and not known else ""
    run = _run_it(line, asked) if line and harmless else []
    return _told([sentence(error.message), mended, sentence(error.hint)], asked, run)


def _instead(error: Refusal, command: Command | None) -> str | None:
    """The line to try instead: the use case's, with whatever else was typed, or the same with a name that exists."""
    if command is None or "name" not in command.given:
        return error.retry
    word, _, name = (error.retry or "").partition(" ")
    if error.retry and word != command.word:
        return error.retry
    meant = name or nearest(command.given["name"], error.choices)
    return command.replaced("name", meant).line() if meant else None


def _complete(error: GrammarError, asked: Asked) -> list[Button]:
    """A button for each value that would complete the line."""
    row = ROWS.get(asked.line.partition(" ")[0].lower())
    if row is None or not row.harmless or error.missing is None:
        return []
    values = (error.completions or asked.names)[:_CHOICES]
    return [Button(ActionId.COMMAND_RUN, value, f"{asked.line} {value}") for value in values]


def _told(said: Sequence[str], asked: Asked, run: Sequence[Button]) -> Message:
    typed = [context(f"You typed {_line(asked.line, asked)}")] if asked.line else []
    present = [one for one in said if one]
    return message(" ".join(present), [section("\n".join(present)), *typed, *actions(run)])


def _line(line: str, asked: Asked) -> str:
    return code(f"{COMMAND} {_readable(line, asked)}", 300)


def _readable(line: str, asked: Asked) -> str:
    """The line with handles, which are read back as the same people, in the place of ids."""
    return _ID.sub(lambda found: f"@{asked.called.get(found[1], found[1])}", line)


def _run_it(line: str, asked: Asked) -> list[Button]:
    spoken = f"Run {COMMAND} {_readable(line, asked)}"
    return [Button(ActionId.COMMAND_RUN, "Run it", line, "primary", spoken=spoken)]


def _unexpected(error: Exception) -> Message:
    reference = "BR-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
    structlog.get_logger(__name__).error("unexpected error", reference=reference, exc_info=error)
    return message(
        f"Something broke on our side. Reference {reference}.",
        [
            section("*Something broke on our side.* What you asked may or may not have begun: `/k8s list` shows it."),
            context(f"Reference `{reference}`. An admin finds the reason in Berth's log by it."),
        ],
    )
