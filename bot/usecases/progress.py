"""The one message that follows an operation from its beginning to its end, and says what took its place after that.

Only the newest operation's message has live buttons: what went before is told what came instead, and by whom.
"""

from datetime import datetime
from typing import Any, Final

from bot.rules.words import BERTH, Phase, Step, Wanted
from bot.usecases.news import about
from store.records import Records
from store.tables import Environment, Notice

_OVERTAKEN: Final = ("progress", "stirred")  # kinds whose messages tell of a state, with buttons for it
_LAST: Final = 4  # messages that are looked at: older ones were told before, and nobody reads them
_OPERATIONS = {Wanted.RUNNING: "wake", Wanted.SLEEPING: "sleep", Wanted.DELETED: "delete"}


def progress_key(environment: Environment) -> str:
    """The notice of the environment's present operation."""
    return f"progress:{environment.id}:{environment.operation}"


def operation(environment: Environment) -> str:
    """What is being done: create, sleep, wake or delete."""
    making = environment.wanted is Wanted.RUNNING and len(environment.steps) < len(Step)
    return "create" if making or environment.operation == 0 else _OPERATIONS[environment.wanted]


def begin_progress(records: Records, environment: Environment, now: datetime, *others: str) -> None:
    """Begin the message of a new operation, in the owner's direct messages; `others` where that cannot be delivered.

    What time does by itself is told by the warning that went before it.
    """
    overtake(records, environment, now)
    if environment.operation_by != BERTH:
        say_progress(records, environment, now, *others)


def overtake(records: Records, environment: Environment, now: datetime) -> None:
    """Let the messages of what went before the present operation say what took their place, and by whose wish.

    A person's wish is told with the transaction that writes it, one of time with the first step of doing it.
    """
    over = {
        "operation": operation(environment),
        "by": environment.operation_by,
        "reason": environment.operation_reason,
        "at": environment.operation_at.isoformat(),
    }
    for notice in records.notices.newest(environment.id, _OVERTAKEN, _LAST):
        if not notice.facts.get("over") and _went_before(notice, environment):
            records.notices.change(notice.key, now, {"over": over})


def _went_before(notice: Notice, environment: Environment) -> bool:
    """Whether a message is of an operation before the present one; those of operations are known by their number."""
    number = notice.key.rpartition(":")[2]
    if notice.kind == "progress" and number.isdecimal():
        return int(number) < environment.operation
    return notice.created_at < environment.operation_at


def say_progress(records: Records, environment: Environment, now: datetime, *others: str) -> None:
    """Say the message of the present operation, whoever asked for it; once it is said, it only changes."""
    records.notices.say(
        about(
            environment,
            progress_key(environment),
            "progress",
            progress_facts(environment, operation(environment), now),
            [environment.owner_id, *others],
            now,
        )
    )


def tell_progress(records: Records, environment: Environment, now: datetime, **more: Any) -> None:
    """Let the operation's message say how things stand."""
    notice = records.notices.keyed(progress_key(environment))
    if notice is None:
        return
    facts = progress_facts(environment, notice.facts["operation"], now) | more
    if notice.facts | facts != notice.facts | {"at": facts["at"]}:  # only time has passed: not worth an update in Slack
        records.notices.change(notice.key, now, facts)


def progress_facts(environment: Environment, doing: str, now: datetime) -> dict[str, Any]:
    """What the message of kind `progress` is made of; instants are ISO 8601 in UTC."""
    return {
        "environment_id": environment.id,
        "name": environment.name,
        "operation": doing,
        "phase": environment.phase.value,
        "by": environment.operation_by,
        "reason": environment.operation_reason,
        "steps": _steps(environment) if doing == "create" else [],
        "problem": environment.condition,
        "retry_at": environment.due_at.isoformat() if environment.condition and environment.due_at else None,
        "expires_at": environment.expires_at.isoformat() if environment.expires_at else None,
        "awake_until": environment.awake_until.isoformat() if environment.awake_until else None,
        "namespace": environment.namespace,
        "cluster": environment.cluster,
        "template": environment.template,
        "size": environment.size,
        "owner_id": environment.owner_id,
        "at": now.isoformat(),
    }


def _steps(environment: Environment) -> list[dict[str, str]]:
    waiting = iter([_stuck(environment)])
    return [{"name": step, "state": "done" if step in environment.steps else next(waiting, "waiting")} for step in Step]


def _stuck(environment: Environment) -> str:
    return "failed" if environment.phase is Phase.FAILED else "doing"
