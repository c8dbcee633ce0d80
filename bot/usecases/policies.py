"""The sleep policy of an environment as the store and berth.yaml settle it, and where it stands in it now."""

from datetime import datetime, timedelta

from bot.rules.agenda import Shift, Use
from bot.rules.catalogue import Catalogue, SleepSettings
from bot.rules.policy import Policy, Standing, policy_of
from bot.rules.words import Wanted, command, named
from bot.rules.working_hours import WorkingHours
from bot.rules.working_hours_text import parse_working_hours
from bot.usecases.refusal import Refusal
from bot.usecases.responsible import Responsible
from store.tables import Environment


def policy_for(environment: Environment, catalogue: Catalogue) -> Policy:
    """The policy that applies to an environment."""
    return policy_of(Standing(settings_of(environment), environment.template, environment.team), catalogue)


def settings_of(environment: Environment) -> SleepSettings:
    """What is settled for the environment itself."""
    seconds = environment.idle_after_s
    return SleepSettings(
        idle_after=None if seconds is None else timedelta(seconds=seconds),
        working_hours=hours_of(environment),
    )


def hours_of(environment: Environment) -> WorkingHours | None:
    """The working hours that were settled for the environment itself."""
    return parse_working_hours(environment.working_hours, "UTC") if environment.working_hours else None


def protection(environment: Environment) -> str:
    """By whose wish the environment neither sleeps nor is deleted, in words; empty where it may."""
    if environment.protected_by is None:
        return ""
    why = f": {environment.protected_reason}" if environment.protected_reason else ""
    return f"it is protected by <@{environment.protected_by}>{why}"


def refuse_protected(environment: Environment, what: str, responsible: Responsible) -> None:
    """Raises Refusal for a protected environment, which nobody puts to sleep or deletes, naming who can end that."""
    if environment.protected_by is not None:
        unprotect = command(f"admin unprotect {environment.name}")
        raise Refusal(
            f"{named(environment.name)} cannot be {what}: {protection(environment)}",
            f"An admin can end that first, with {unprotect}: {responsible.named_admins()}.",
        )


def exemption(environment: Environment) -> str:
    """Why time does not put the environment to sleep, in words; empty where it does."""
    if environment.protected_by is not None:
        return protection(environment)
    if environment.never_sleep_reason is None:
        return ""
    return f"it is exempt from sleep: {environment.never_sleep_reason}"


def sent_to_sleep_at(environment: Environment) -> datetime | None:
    """When its present sleep began or was asked for, whichever was first: in between there may lie a morning."""
    if environment.wanted is not Wanted.SLEEPING:
        return None
    return min(environment.operation_at, environment.slept_at or environment.operation_at)


def use_of(environment: Environment, shift: Shift | None) -> Use:
    """What the store knows of an environment's use."""
    return Use(
        last_activity_at=environment.last_activity_at,
        awake_since=environment.awake_since or environment.created_at,
        awake_until=environment.awake_until,
        deadline_at=environment.deadline_at,
        told_at=None,
        shift=shift,
        ends_at=environment.expires_at,
    )
