"""What is answered to those who put to sleep, wake and extend.

The message that was clicked is updated by the outbox; what is answered here, only the clicker sees.
"""

from datetime import UTC, datetime, timedelta

from bot.rules.durations import DurationError, parse_duration
from bot.rules.words import Phase, command
from bot.seams.slack import Message
from bot.usecases.refusal import Refusal
from bot.usecases.sleep import Kept
from handlers.blocks import actions, code, message, section
from handlers.call import Call
from handlers.environments import buttons
from handlers.environments.buttons import Subject
from handlers.environments.listeners import as_it_is, begun
from handlers.environments.views import phase_of
from handlers.grammar import Command
from handlers.wording import phase_words, when

_ASLEEP = frozenset({Phase.FALLING_ASLEEP, Phase.SLEEPING})


def sleep(call: Call, command: Command) -> Message:
    """/k8s sleep"""
    return sleep_clicked(call, _id(call, command))


def sleep_clicked(call: Call, value: str) -> Message:
    """The buttons Sleep now: `id`, or `id pods` where pods end that nothing can bring back."""
    environment_id, _, pods = value.partition(" ")
    row, changed = call.uses.sleep.sleep(call.actor, environment_id, call.source, stops_pods=pods == "pods")
    return begun(call, row, "Putting to sleep") if changed else as_it_is(call, row)


def wake(call: Call, command: Command) -> Message:
    """/k8s wake"""
    return _wake(call, _id(call, command), command.duration("duration"))


def wake_clicked(call: Call, environment_id: str) -> Message:
    """The buttons Wake and Try again."""
    return _wake(call, environment_id)


def _wake(call: Call, environment_id: str, duration: timedelta | None = None) -> Message:
    row, changed = call.uses.sleep.wake(call.actor, environment_id, call.source, duration)
    if changed:
        return begun(call, row, "Waking")
    if duration is None:
        return as_it_is(call, row)
    return _kept(call, call.uses.sleep.extend(call.actor, row.id, duration, call.source))


def extend(call: Call, command: Command) -> Message:
    """/k8s extend"""
    duration = duration_of(command.value("duration"))
    return _kept(call, call.uses.sleep.extend(call.actor, _id(call, command), duration, call.source))


def extend_clicked(call: Call, value: str) -> Message:
    """A button that keeps awake (`id 4h`, `id morning`), or puts an end off (`id 1d@<the end as shown>`)."""
    environment_id, _, step = value.partition(" ")
    duration, _, end = step.partition("@")
    sleep = call.uses.sleep
    if end:
        until = _later_end(call, instant_of(end), duration_of(duration))
        return _put_off(call, sleep.extend_end(call.actor, environment_id, until, call.source))
    if duration == "morning":
        return _kept(call, sleep.keep_until_morning(call.actor, environment_id, call.source))
    return _kept(call, sleep.extend(call.actor, environment_id, duration_of(duration or "4h"), call.source))


def duration_of(duration: str) -> timedelta:
    """A duration as typed, or as a button has it. Raises Refusal for what is none."""
    try:
        return parse_duration(duration)
    except DurationError as error:
        raise Refusal(str(error)) from error


def instant_of(epoch: str) -> datetime:
    """The end that a button shows, in seconds since 1970. Raises Refusal for what is none."""
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal(
            "This button names no time that there is", f"Ask anew: {command('extend')} does the same."
        ) from error


def _later_end(call: Call, shown: datetime, step: timedelta) -> datetime:
    """The end that the button promised, as far as it may be put off at once."""
    return min(max(shown, call.now()) + step, call.now() + call.uses.catalogue.ttl.longest)


def _kept(call: Call, kept: Kept) -> Message:
    name = code(kept.environment.name)
    said = f"Kept {name}." if kept.changed else f"{name} was kept already."
    return _until(call, kept, f"{said} It neither sleeps nor ends before {when(kept.until, call.tz)}.")


def _put_off(call: Call, kept: Kept) -> Message:
    name, until = code(kept.environment.name), when(kept.until, call.tz)
    said = f"{name} ends {until} now" if kept.changed else f"{name} ends no earlier than {until} already"
    return _until(call, kept, f"{said}. It sleeps as before when nobody uses it.")


def _until(call: Call, kept: Kept, said: str) -> Message:
    """What was said, or for what is asleep, that it stays so until somebody wakes it."""
    row = kept.environment
    if phase_of(row) not in _ASLEEP:
        return message(said)
    phase, until = phase_words(phase_of(row)), when(kept.until, call.tz)
    text = f"{code(row.name)} is {phase}, and only waking ends that. It is kept until {until}."
    wakes = buttons.buttons(Subject(row.id, row.name, row.phase), [buttons.WAKE])
    return message(text, [section(text), *actions(wakes)])


def _id(call: Call, command: Command) -> str:
    return call.uses.environments.named(call.actor, command.value("name")).id
