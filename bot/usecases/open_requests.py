"""Requests for more that nobody has decided about yet, kept true to what they are of.

A request ends with its environment, and with whoever asked. Whose leads decide is what is so now, not what was so when
it was asked for: where whoever it is of has changed teams, it is put to those who are responsible since.
"""

from dataclasses import dataclass

from bot.clock import Clock
from bot.rules.approvals import Approvers, Concerned
from bot.rules.catalogue import Catalogue
from bot.rules.words import RequestState, Wanted
from bot.usecases.addressees import deciding
from bot.usecases.identities import Identities
from bot.usecases.request_news import RequestNews, approval_keys
from bot.usecases.responsible import Responsible
from bot.usecases.source import TIME
from store.database import Store
from store.records import Records
from store.tables import Environment, LimitRequest


@dataclass(frozen=True)
class OpenRequests:
    """What keeps them so, in the caller's transaction."""

    store: Store
    catalogue: Catalogue
    clock: Clock

    def concerned(self, records: Records, request: LimitRequest) -> Concerned:
        """Whom a request is of, as things are now."""
        environment = _environment(records, request)
        owner = environment.owner_id if environment is not None else request.owner_id
        team = environment.team if environment is not None else request.team
        person = records.people.get(request.workspace_id, owner)
        identities = Identities(self.store, self.catalogue, self.clock)
        teams = identities.teams_of(records, person) if person is not None else None
        if person is not None and teams is not None and team is not None and team not in teams:
            roles = identities.within(records, person).roles
            team = roles.team.name if roles is not None and roles.team is not None else None
        return Concerned(request.workspace_id, request.asker_id, owner, team)

    def follow(self, records: Records, request: LimitRequest) -> None:
        """End a request whose environment goes; put one to others where those who were asked are not responsible."""
        if request.state is not RequestState.PENDING:
            return
        environment = _environment(records, request)
        if request.environment_id is not None and (environment is None or environment.wanted is Wanted.DELETED):
            end_request(records, self.clock, request, "what it was about is deleted")
            return
        now = self.concerned(records, request)
        if (now.owner_id, now.team) != (request.owner_id, request.team):
            self._put_to_others(records, request, now)

    def follow_person(self, records: Records, workspace_id: str, person_id: str) -> None:
        """The same for everything that somebody has asked for."""
        for request in records.limits.pending_of(workspace_id, person_id):
            self.follow(records, request)

    def _put_to_others(self, records: Records, request: LimitRequest, now: Concerned) -> None:
        news, asked = RequestNews(self.clock), approval_keys(records, request)
        request.owner_id, request.team = now.owner_id, now.team
        news.update(records, request)
        if request.approvers != Approvers.LEADS:
            return
        first = records.notices.keyed(asked[0]) if asked else None
        why = first.facts.get("why", []) if first is not None else []
        for key in asked:
            records.notices.change(key, self.clock.now(), {"moved": True})
        responsible = Responsible(self.catalogue, self.clock, records, request.workspace_id)
        others = deciding(responsible, request.approvers, request.team, whose(records, request))
        for index, recipients in enumerate(others, len(asked)):
            news.say(records, request, f"approval:{request.id}:{index}", recipients, why=why)


def end_requests_of_environment(records: Records, clock: Clock, environment: Environment) -> None:
    """End every request about an environment that is gone."""
    for request in records.limits.pending_about(environment.id):
        end_request(records, clock, request, f"{environment.name} is deleted")


def end_requests_of_person(records: Records, clock: Clock, person: tuple[str, str], because: str) -> None:
    """End everything that somebody, given as workspace and id, has asked for; `because` follows their name."""
    for request in records.limits.pending_of(*person):
        end_request(records, clock, request, f"<@{request.asker_id}> {because}", tell=False)


def end_request(records: Records, clock: Clock, request: LimitRequest, why: str, *, tell: bool = True) -> None:
    """End a request that nobody needs to decide about any more; its messages say so."""
    news = RequestNews(clock)
    request.state, request.remark, request.due_at = RequestState.ENDED, why, None
    if tell:
        news.answer(records, request)
    else:
        news.update(records, request)
    news.audit(records, request, request.asker_id, "end request", TIME)


def whose(records: Records, request: LimitRequest) -> list[str]:
    """The ids and e-mails of those whom a request is of."""
    ids = [request.asker_id, request.owner_id]
    people = [records.people.get(request.workspace_id, one) for one in ids]
    return [*ids, *(one.email for one in people if one is not None and one.email)]


def _environment(records: Records, request: LimitRequest) -> Environment | None:
    return records.environments.get(request.environment_id) if request.environment_id is not None else None
