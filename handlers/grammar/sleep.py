"""Sleep: when something is awake, and why."""

from typing import Final

from handlers.grammar.rows import NAME, Argument, CommandRow, Kind

SLEEP: Final = CommandRow(
    "sleep",
    "put it to sleep now; nothing is lost",
    "Sleep",
    (NAME,),
    ("sleep blue",),
    ("stop", "pause", "suspend", "hibernate"),
)
WAKE: Final = CommandRow(
    "wake",
    "bring it back as it fell asleep, for at least so long if you say so",
    "Sleep",
    (NAME, Argument("duration", Kind.DURATION, shown="for 4h")),
    ("wake blue", "wake blue for 4h"),
    ("resume", "unpause", "awake"),
)
EXTEND: Final = CommandRow(
    "extend",
    "neither sleeps nor expires for at least this long from now",
    "Sleep",
    (NAME, Argument("duration", Kind.DURATION, required=True, shown="4h|2d")),
    ("extend blue 4h", "extend blue 2d"),
    ("renew", "prolong", "keep", "snooze"),
)
SCHEDULE: Final = CommandRow(
    "schedule",
    "when it is to be awake: shows what applies, or sets hours, exceptions and idle time of its own",
    "Sleep",
    (NAME, Argument("hours", Kind.REST, shown="hours…")),
    (
        "schedule blue",
        "schedule blue weekdays 08:00-19:00 Europe/Berlin holidays=DE-BY stay-asleep",
        "schedule blue off 2026-12-24",
        "schedule blue on 2026-11-28 10:00-18:00",
        "schedule blue idle 8h",
        "schedule blue idle default",
        "schedule blue off",
    ),
    ("hours", "cron", "workhours", "timetable"),
)
WHY: Final = CommandRow(
    "why",
    "what happens to it next, when, by which rule, and what last kept it awake",
    "Sleep",
    (NAME,),
    ("why blue",),
    ("explain", "reason", "when"),
)
