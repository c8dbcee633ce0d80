"""Real access: a kubeconfig with a short-lived token, or with a login at the company's issuer; kept nowhere."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.clock import Clock
from bot.rules import manifests
from bot.rules.actors import Actor
from bot.rules.catalogue import Catalogue, Oidc
from bot.rules.kubeconfigs import as_yaml
from bot.rules.names import service_account_name
from bot.rules.permissions import Action
from bot.rules.subjects import subject_of
from bot.rules.words import HOME_NAMESPACE, Phase, Step, Wanted, command, named
from bot.seams.cluster import AlreadyExists, Cluster, ClusterError, Clusters, NotFound, Token
from bot.usecases import intents
from bot.usecases.directory import directory
from bot.usecases.holders import bound_of, change_access, written
from bot.usecases.intents import Deed
from bot.usecases.refusal import Refusal
from bot.usecases.revocations import Revocations
from bot.usecases.source import Source
from store.database import Store
from store.records import Records
from store.tables import ClusterUser, Environment

_PATIENCE: Final = 15.0  # seconds that somebody waits for a binding to name them
_LOOK: Final = 0.1  # seconds from one look at it to the next
_TRIES: Final = 3  # of asking for a token whose Secret somebody ends at the same moment


@dataclass(frozen=True)
class Kubeconfig:
    """A kubeconfig for stock kubectl, and its context.

    With a token it is a secret, and ends when the API server says. With `issuer`, a login there, it holds none.
    """

    yaml: str = field(repr=False)
    expires_at: datetime | None
    context: str
    issuer: str = ""


@dataclass(frozen=True)
class Access:
    """The use case."""

    store: Store
    clusters: Clusters
    catalogue: Catalogue
    clock: Clock
    revocations: Revocations
    nudge: Callable[[], None]

    def connect(self, actor: Actor, environment_id: str, source: Source) -> Kubeconfig:
        """A kubeconfig for an environment that the actor has access to. Asks the cluster, so it is slow.

        Raises Refusal.
        """
        environment, version = self._noted(actor, environment_id, source)
        self._await_binding(environment, version)
        try:
            cluster, oidc = self.clusters[environment.cluster], self._oidc(environment)
            if oidc is not None:
                login = manifests.issuer_login(oidc)
                return self._kubeconfig(environment, cluster, login, issuer=oidc.issuer_url)
            token = self._token(cluster, actor)
        except ClusterError as error:
            raise Refusal(f"Cluster {environment.cluster} gave no access: {error}", "Try again in a minute.") from error
        self._refuse_ended(actor, environment)
        return self._kubeconfig(environment, cluster, {"token": token.value}, token.expires_at)

    def _kubeconfig(
        self,
        environment: Environment,
        cluster: Cluster,
        user: dict[str, Any],
        expires_at: datetime | None = None,
        issuer: str = "",
    ) -> Kubeconfig:
        context = environment.namespace
        config = manifests.kubeconfig(context, environment.namespace, cluster.address(), user)
        return Kubeconfig(as_yaml(config), expires_at, context, issuer)

    def _noted(self, actor: Actor, environment_id: str, source: Source) -> tuple[Environment, int]:
        """The environment, and the change of access that its bindings must have followed to name the actor."""
        now = self.clock.now()
        with self.store.begin() as records:
            environment = intents.living(records, actor, Action.CONNECT, environment_id)
            if environment.wanted is Wanted.DELETED or Step.ACCESS not in environment.steps:
                name = named(environment.name)
                raise Refusal(
                    f"There is nothing to connect to in {name} while it is {_said(environment.phase)}",
                    f"See how it stands with {command(f'status {environment.name}')}.",
                )
            before = intents.picture(environment)
            intents.used(environment, actor, "/k8s connect", now)
            intents.audit(records, environment, before, Deed("connect", actor.id, source, now))
            self._check_bound(records, actor, environment)
            if self._oidc(environment) is None:  # before there is a token, so that it can always be ended
                records.people.keep_cluster_user(_cluster_user(actor, environment, now))
        return environment, environment.access_wanted

    def _check_bound(self, records: Records, actor: Actor, environment: Environment) -> None:
        """Let the bindings follow who has access now, the actor among them. Raises Refusal where they have no name."""
        oidc = self._oidc(environment)
        words = written(bound_of(records, self.catalogue, self.clock, environment))
        if words != list(environment.bound):
            change_access(environment, self.clock.now())
        if oidc is not None and oidc.username_claim == "sub" and not self._has_subject(records, actor, oidc):
            raise Refusal(
                f"Cluster {environment.cluster} knows people by their login at {oidc.issuer_url}: yours is not linked",
                f"Link it with {command('link')}, then connect again.",
            )

    def _has_subject(self, records: Records, actor: Actor, oidc: Oidc) -> bool:
        holder = directory(records, self.catalogue, self.clock, actor.workspace_id, {actor.id}).holder(actor.id)
        return holder is not None and subject_of(holder, oidc) is not None

    def _oidc(self, environment: Environment) -> Oidc | None:
        try:
            return self.catalogue.cluster(environment.cluster).oidc
        except KeyError as error:
            raise Refusal(
                f"Cluster {environment.cluster} is no longer configured", "Ask an admin what has become of it."
            ) from error

    def _await_binding(self, environment: Environment, version: int) -> None:
        """Let the workers bind whoever connects for the first time before they have what shall work."""
        if environment.access_done >= version:
            return
        self.nudge()
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with self.store.read() as records:
                now = records.environments.get(environment.id)
            if now is not None and now.access_done >= version:
                return
            time.sleep(_LOOK)
        name = named(environment.name)
        raise Refusal(
            f"Your access to {name} is not there yet: cluster {environment.cluster} is slow to take it",
            "It is being made. Try again in a minute.",
        )

    def _refuse_ended(self, actor: Actor, environment: Environment) -> None:
        """Hand out nothing where the person's tokens were ended while this one was made: it is ended with them."""
        key = (actor.workspace_id, actor.id, environment.cluster)
        with self.store.begin() as records:
            if records.grants.account(*key) is not None and records.grants.revocation(*key) is None:
                return
            records.people.keep_cluster_user(_cluster_user(actor, environment, self.clock.now()))
            self.revocations.end_tokens(records, actor.workspace_id, actor.id)
        with suppress(ClusterError):  # it is tried again by itself
            self.revocations.settle(*key)
        raise Refusal(
            "Your access was ended while it was being made",
            f"If it should not have been, connect again with {command(f'connect {environment.name}')}.",
        )

    def _token(self, cluster: Cluster, actor: Actor) -> Token:
        """A token of the actor's own account. What it needs is made where it is missing."""
        account = service_account_name(actor.id, actor.workspace_id)
        self.revocations.settle(actor.workspace_id, actor.id, cluster.name)
        for _ in range(_TRIES):
            try:
                return cluster.issue_token(HOME_NAMESPACE, account, self.catalogue.token_lifetime, account)
            except NotFound:
                _make(cluster, manifests.service_account(account, actor.id, actor.email))
                _make(cluster, manifests.token_handle(account))
        return cluster.issue_token(HOME_NAMESPACE, account, self.catalogue.token_lifetime, account)


def _make(cluster: Cluster, manifest: manifests.Manifest) -> None:
    with suppress(AlreadyExists):
        cluster.create(manifest)


def _cluster_user(actor: Actor, environment: Environment, now: datetime) -> ClusterUser:
    return ClusterUser(
        workspace_id=actor.workspace_id,
        person_id=actor.id,
        cluster=environment.cluster,
        service_account=service_account_name(actor.id, actor.workspace_id),
        created_at=now,
    )


def _said(phase: Phase) -> str:
    return phase.value.lower().replace("_", " ")
