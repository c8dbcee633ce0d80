"""Work that a dead process held, given to the living.

A process that was killed leaves claims. They would run out by themselves, but the person who waits for the rest of an
operation should not wait for that.
"""

import structlog

from store.database import Store

log = structlog.get_logger()


def take_over(store: Store) -> int:
    """Release every claim whose process lives no longer; how many workers held one.

    The order matters: who held something before the living were counted and is not among them is dead.
    """
    with store.read() as records:
        holders = records.environments.holders() | records.notices.holders()
    living = store.living()
    gone = sorted(holder for holder in holders if holder.partition(":")[0] not in living)
    if gone:
        with store.begin() as records:
            records.environments.release_claims(gone)
            records.notices.release_claims(gone)
        log.warning("took over what dead workers held", workers=gone)
    return len(gone)
