"""Pauses: whether an admin has stopped what time does in a workspace."""

from sqlmodel import Session

from store.tables import Pause


class PauseRecords:
    """Pauses of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, workspace_id: str) -> Pause | None:
        """The pause of a workspace, if there is one."""
        return self._session.get(Pause, workspace_id)

    def reason(self, workspace_id: str) -> str:
        """Why time does nothing there now, in words; empty where it does."""
        pause = self.of(workspace_id)
        if pause is None:
            return ""
        why = f": {pause.reason}" if pause.reason else ""
        return f"all sleeping and deleting is paused by <@{pause.by}>{why}"

    def begin(self, pause: Pause) -> None:
        """Stop what time does in a workspace."""
        self._session.merge(pause)

    def end(self, workspace_id: str) -> bool:
        """Let time go on. False where there was no pause."""
        pause = self.of(workspace_id)
        if pause is not None:
            self._session.delete(pause)
        return pause is not None
