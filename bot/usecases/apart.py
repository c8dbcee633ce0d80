"""Doing one of many apart from the others, so that one that breaks does not keep the rest from their turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from store.database import StoreError

log = structlog.get_logger()


@contextmanager
def apart(otherwise: str, **which: Any) -> Iterator[None]:
    """What breaks is logged in the words of `otherwise`, and goes no further.

    A database that fails is no matter of this one, and is raised.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception:  # whatever is odd about this one, even a fault of ours: the same one would stop every later pass
        log.exception(otherwise, **which)
