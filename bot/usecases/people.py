"""Who is acting: a Slack user becomes a person Berth knows, or is refused with the reason and what to do.

Slack says what they are in the workspace; who they are on the cluster follows by `bot.rules.identity`. An e-mail is one
Slack user: a second one with the same, or one that counts as the same, is refused while the first is still there.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue
from bot.rules.foreign import cleaned
from bot.rules.leaving import Presence, left_workspace
from bot.rules.words import Role, command
from bot.seams.slack import Profile, Slack, SlackError
from bot.usecases.identities import Identities, Known
from bot.usecases.refusal import Refusal
from store.columns import EVER
from store.database import Store
from store.tables import Person

_FRESH = timedelta(minutes=5)
RECHECK = timedelta(days=1)  # how long it takes to find out what no event told
_GONE = frozenset({"user_not_found", "users_not_found"})
_USABLE = timedelta(hours=1)  # how old an answer may be when Slack gives no newer one


_REFUSALS: tuple[tuple[Callable[[Person], bool], str, str], ...] = (
    (lambda p: p.is_deactivated, "This Slack account is deactivated", "Ask a workspace admin to reactivate it"),
    (lambda p: p.is_bot, "Bots cannot have environments", "Ask a person to run the command"),
    (
        lambda p: p.is_stranger or p.home_workspace_id != p.workspace_id,
        "You belong to another Slack workspace, and environments are for members of this one",
        "Ask a member of this workspace to run the command",
    ),
    (
        lambda p: p.is_guest,
        "Guests cannot have environments",
        "Ask a workspace admin to make you a full member; until then nobody can share one with you either",
    ),
)


class Unproven(Refusal):
    """A full member of the workspace, of whom nothing proves who they are on the cluster."""


class People:
    """Who Slack users are to Berth."""

    def __init__(self, store: Store, slack: Slack, catalogue: Catalogue, clock: Clock) -> None:
        self._store = store
        self._slack = slack
        self._catalogue = catalogue
        self._clock = clock
        self._identities = Identities(store, catalogue, clock)
        self._workspace: str | None = None

    def identify(self, workspace_id: str, user_id: str, team_id: str | None = None) -> Actor:
        """The person behind a Slack user. Raises Refusal for whoever may not use Berth, Unproven among them.

        `workspace_id` is the workspace a delivery names, `team_id` the one it names for the user, where it does.
        """
        known = self._identities.of(self._member(workspace_id, user_id, team_id))
        if known.actor is None:
            raise Unproven(*unproven(known, self._catalogue))
        if known.holder != user_id:
            self._hold(known)
        return known.actor

    def newcomer(self, workspace_id: str, user_id: str, team_id: str | None = None) -> Actor:
        """A member of the workspace of whom nothing else is known yet, for what proves it. Raises Refusal."""
        person = self._member(workspace_id, user_id, team_id)
        return Actor(person.workspace_id, person.id, "", person.name, person.time_zone, Role.MEMBER, None)

    def actor_of(self, workspace_id: str, user_id: str) -> Actor | None:
        """Who somebody is, with all their teams, though they do not act; None for whoever may not use Berth.

        From the store; Slack is asked of somebody that it was never asked of. Raises Refusal where it does not answer.
        """
        known = self.known_as(workspace_id, user_id)
        return known.actor if known is not None and not known.is_taken else None

    def known_as(self, workspace_id: str, user_id: str) -> Known | None:
        """How somebody's identity is found, for who explains it; None for whoever is no full member."""
        workspace = self._own_workspace() or workspace_id
        with self._store.read() as records:
            person = records.people.get(workspace, user_id)
        if person is None or person.fetched_at <= EVER:  # never asked of, or something about them has changed
            person = self._person(workspace, user_id)
        return None if _unwelcome(person) else self._identities.of(person)

    def known(self, workspace_id: str, user_id: str) -> bool:
        """Whether a user can be identified without asking Slack."""
        if self._workspace is None:
            return False
        with self._store.read() as records:
            return self._is_fresh(records.people.get(self._workspace or workspace_id, user_id))

    def time_zone(self, workspace_id: str, user_id: str) -> str:
        """The zone in which a user reads times, as far as it is known."""
        with self._store.read() as records:
            person = records.people.get(workspace_id, user_id)
        return person.time_zone if person else "UTC"

    def changed(self, workspace_id: str, user_id: str) -> None:
        """Slack says that something about a user is new: it is asked what, and what follows from it is done."""
        with self._store.begin() as records:
            records.people.look_again(self._own_workspace() or workspace_id, user_id)

    def _member(self, workspace_id: str, user_id: str, team_id: str | None) -> Person:
        person = self._person(self._own_workspace() or workspace_id, user_id)
        if team_id is not None and team_id != person.workspace_id:
            person = person.model_copy(update={"home_workspace_id": team_id})
        refusal = _unwelcome(person)
        if refusal is not None:
            raise refusal
        return person

    def _hold(self, known: Known) -> None:
        """Let somebody be who they are, unless another Slack user is. Raises Refusal."""
        other = known.holder
        email = known.actor.email if known.actor else ""
        still = other is not None and self.is_still(known.person.workspace_id, other, email)
        if still or not self._identities.hold(known, other):
            raise Unproven(*_taken(email, other))

    def called(self, workspace_id: str, ids: Iterable[str]) -> dict[str, str]:
        """What people call themselves in Slack, by their ids, as far as Berth has met them."""
        with self._store.read() as records:
            known = [records.people.get(workspace_id, one) for one in ids]
        return {person.id: person.name for person in known if person is not None}

    def is_still(self, workspace_id: str, other: str, email: str) -> bool:
        """Whether a Slack user is this e-mail on the cluster now, and not only was it once."""
        try:
            person = self._person(workspace_id, other)
        except Refusal as refusal:
            cause = refusal.__cause__
            return not (isinstance(cause, SlackError) and cause.code in _GONE)
        actor = None if _unwelcome(person) else self._identities.of(person).actor
        return actor is not None and actor.email == email

    def _own_workspace(self) -> str | None:
        if self._workspace is None:
            try:
                self._workspace = self._slack.workspace_id()
            except SlackError:
                return None
        return self._workspace

    def _is_fresh(self, person: Person | None) -> bool:
        return person is not None and self._clock.now() - person.fetched_at < self._clock.lasting(_FRESH)

    def _person(self, workspace_id: str, user_id: str) -> Person:
        now = self._clock.now()
        with self._store.read() as records:
            known = records.people.get(workspace_id, user_id)
        if known is not None and self._is_fresh(known):
            return known
        try:
            profile = self._slack.profile(user_id)
        except SlackError as error:
            if known is not None and error.passing and now - known.fetched_at < self._clock.lasting(_USABLE):
                return known
            raise Refusal("Slack did not tell me who you are", "Try again in a minute") from error
        person = remembered(profile, workspace_id, now)
        if known is not None and known.check_at is not None and not left_workspace(presence(person)):
            # What else there is to be done about a change is not done here, but soon.
            person.check_at = known.check_at if _is_alike(known, person) else EVER
        with self._store.begin() as records:
            records.people.keep(person)
        return person


def unproven(known: Known, catalogue: Catalogue) -> tuple[str, str]:
    """What is told to somebody of whom nothing proves who they are, or who is somebody else, and what to do."""
    if known.actor is not None:
        return _taken(known.actor.email, known.holder)
    person, obstacle = known.person, known.resolution.obstacle
    message = f"I cannot know who you are on the cluster: {obstacle}"
    ways = [f"Ask an admin to map you with {command('admin map')}"]
    if catalogue.identity.oidc is not None:
        ways.insert(0, f"Prove who you are with {command('link')}")
    if not person.email:
        ways.append("to see whether Berth’s app has the scope users:read.email")
    elif not person.email_confirmed:
        ways.insert(0, "Confirm it by the link that Slack sent you, and try again")
    return message, _or(ways)


def _taken(email: str, other: str | None) -> tuple[str, str]:
    other_account = f"another Slack account{f', <@{other}>,' if other else ''}"
    message = f"You would be {email} on the cluster, but {other_account} is that already, and two cannot be one"
    mapped = f"ask an admin to map you with {command('admin map')} to an address of your own."
    return message, f"If both are yours, have the other one deactivated; else {mapped}"


def presence(person: Person) -> Presence:
    """What Slack said of their standing in the workspace."""
    return Presence(
        is_deactivated=person.is_deactivated,
        is_guest=person.is_guest,
        is_stranger=person.is_stranger or person.home_workspace_id != person.workspace_id,
    )


def _is_alike(known: Person, person: Person) -> bool:
    """Whether Slack proves by both of its answers that somebody is the same."""
    return (known.email, known.email_confirmed) == (person.email, person.email_confirmed)


def _unwelcome(person: Person) -> Refusal | None:
    """Why somebody may not use Berth, whoever they are on the cluster."""
    return next((Refusal(message, hint) for applies, message, hint in _REFUSALS if applies(person)), None)


def _or(ways: list[str]) -> str:
    first, *rest = ways
    return ", or ".join([first, *(way[:1].lower() + way[1:] for way in rest)]) + "."


def remembered(profile: Profile, workspace_id: str, now: datetime) -> Person:
    """What Slack says at `now`, to be kept; whoever has left is looked after before all others, these a day later."""
    person = Person(
        workspace_id=workspace_id,
        id=profile.id,
        home_workspace_id=profile.workspace_id or workspace_id,
        name=cleaned(profile.name),
        email=profile.email,
        email_confirmed=profile.email_confirmed,
        time_zone=profile.time_zone,
        is_bot=profile.is_bot,
        is_guest=profile.is_guest,
        is_stranger=profile.is_stranger,
        is_deactivated=profile.is_deactivated,
        fetched_at=now,
    )
    person.check_at = EVER if left_workspace(presence(person)) else now + RECHECK
    return person
