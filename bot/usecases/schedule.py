"""Working hours and idle time of one environment, as its people settle them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.durations import DurationError, format_duration
from bot.rules.limits import Limit
from bot.rules.permissions import Action
from bot.rules.policy import Policy, to_come
from bot.rules.schedule_change import Change, DropHours, Except, SetHours, SetIdle, read_change
from bot.rules.words import command
from bot.rules.working_hours import WorkingHours, WorkingHoursError, with_exception, without_past
from bot.rules.working_hours_text import written, written_exception
from bot.usecases import intents
from bot.usecases.intents import Deed
from bot.usecases.limits import Limits
from bot.usecases.policies import policy_for
from bot.usecases.refusal import Refusal
from bot.usecases.sleep import answer_warning
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import Environment

_EXAMPLE: Final = "weekdays 08:00-19:00"


@dataclass(frozen=True)
class Scheduled:
    """What applies now, and by whose rule. `copied` is whose hours were copied to make an exception from them."""

    environment: Environment
    policy: Policy
    changed: bool = False
    copied: str = ""


@dataclass(frozen=True)
class Schedule:
    """The use cases."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def of(self, actor: Actor, environment: Environment) -> Scheduled:
        """What applies to an environment. Raises Refusal."""
        intents.authorise(actor, Action.VIEW, environment)
        return Scheduled(environment, self._policy(environment))

    def change(self, actor: Actor, environment_id: str, text: str, source: Source) -> Scheduled:
        """Change what is settled for an environment itself, as `text` says. Raises Refusal."""
        now = self.clock.now()
        wish = _read(text, actor.tz)
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.SCHEDULE, environment_id)
            before, settled = intents.picture(environment), _settled(environment)
            if isinstance(wish, SetIdle) and wish.after is not None:
                self._check_idle(records, environment, wish.after)
            copied = self._apply(environment, wish, now)
            changed = settled != _settled(environment)
            if changed:
                if environment.deadline_at is not None:
                    answer_warning(records, environment, now, {"kind": "rescheduled", "by": actor.id})
                    environment.deadline_at = environment.deadline_rule = environment.warning_key = None
                environment.check_at = now
                intents.audit(records, environment, before, Deed("schedule", actor.id, source, now, reason=text))
        return Scheduled(environment, self._policy(environment), changed, copied)

    def _check_idle(self, records: Records, environment: Environment, after: timedelta) -> None:
        """Raises Refusal for an idle time that leaves no time to be warned, or that is a way never to sleep."""
        policy = self.catalogue.sleep
        longest = Limits(self.catalogue, self.clock).longest(records, environment, Limit.LONGEST_KEEP_AWAKE)
        _check_idle(after, policy.warn_before * 2, longest or policy.longest_keep_awake)

    def _policy(self, environment: Environment) -> Policy:
        return to_come(policy_for(environment, self.catalogue), self.clock.now())

    def _apply(self, environment: Environment, wish: Change, now: datetime) -> str:
        """Write the change; whose hours were copied for it, if any were."""
        match wish:
            case SetHours(hours):
                environment.working_hours = written(without_past(hours, now))
            case DropHours():
                environment.working_hours = None
            case SetIdle(after):
                environment.idle_after_s = None if after is None else int(after.total_seconds())
            case Except():
                applied = policy_for(environment, self.catalogue).working_hours
                own = environment.working_hours is not None
                environment.working_hours = written(_excepted(environment, applied.value, wish, now))
                return "" if own else applied.rule
        return ""


def _read(text: str, zone: str) -> Change:
    try:
        return read_change(text, zone)
    except (WorkingHoursError, DurationError) as error:
        raise Refusal(str(error), "Nothing was changed.") from error


def _settled(environment: Environment) -> tuple[str | None, int | None]:
    return environment.working_hours, environment.idle_after_s


def _excepted(environment: Environment, hours: WorkingHours | None, wish: Except, now: datetime) -> WorkingHours:
    name, shown = environment.name, written_exception(wish.exception)
    if hours is None:
        raise Refusal(
            f"{name} has no working hours, so “{shown}” is an exception from nothing",
            f"Give it some first: {command(f'schedule {name} {_EXAMPLE}')}.",
        )
    try:
        found = without_past(with_exception(without_past(hours, now), wish.exception), now)
    except WorkingHoursError as error:
        raise Refusal(str(error), "Nothing was changed.") from error
    if wish.exception not in found.exceptions:
        raise Refusal(f"“{shown}” is over already, so it would change nothing", "Name a date to come.")
    return found


def _check_idle(after: timedelta, least: timedelta, most: timedelta) -> None:
    if least <= after <= most:
        return
    what = "shorter" if after < least else "longer"
    limit = format_duration(least if after < least else most)
    raise Refusal(
        f"An idle time of {format_duration(after)} is {what} than may be chosen, {limit}",
        f"Choose from {format_duration(least)} to {format_duration(most)}.",
    )
