"""One thing that `berth doctor` looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was looked at and what was found.

    `mend` says what to do where it failed. A note has passed, or could not be looked at, and tells its `mend` all the
    same, as something to know.
    """

    what: str
    passed: bool
    said: str
    mend: str = ""
    note: bool = False


def note(what: str, said: str, mend: str) -> Check:
    """Something to know that is not a failure."""
    return Check(what, True, said, mend, note=True)
