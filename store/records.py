"""One transaction's view of what Berth remembers: a repository for each noun."""

from sqlmodel import Session

from store.adoption import AdoptionRecords
from store.audit import AuditLog
from store.bulk import BulkRecords
from store.environments import EnvironmentRecords
from store.fleet import FleetRecords
from store.grants import GrantRecords
from store.identities import IdentityRecords
from store.journal import JournalRecords
from store.limits import LimitRecords
from store.links import LinkRecords
from store.notices import NoticeRecords
from store.orphans import OrphanRecords
from store.pauses import PauseRecords
from store.people import PersonRecords
from store.readings import ReadingRecords
from store.sessions import SessionRecords
from store.sources import SourceRecords
from store.turns import TurnRecords
from store.usage import UsageRecords
from store.user_groups import UserGroupRecords


class Records:
    """The repositories over one session."""

    def __init__(self, session: Session) -> None:
        self.environments = EnvironmentRecords(session)
        self.journal = JournalRecords(session)
        self.usage = UsageRecords(session)
        self.sessions = SessionRecords(session)
        self.sources = SourceRecords(session)
        self.notices = NoticeRecords(session)
        self.people = PersonRecords(session)
        self.grants = GrantRecords(session)
        self.audit = AuditLog(session)
        self.turns = TurnRecords(session)
        self.pauses = PauseRecords(session)
        self.orphans = OrphanRecords(session)
        self.limits = LimitRecords(session)
        self.identities = IdentityRecords(session)
        self.links = LinkRecords(session)
        self.user_groups = UserGroupRecords(session)
        self.fleet = FleetRecords(session)
        self.readings = ReadingRecords(session)
        self.bulk = BulkRecords(session)
        self.adoption = AdoptionRecords(session)
