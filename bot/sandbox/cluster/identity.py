"""Who is asking: bearer tokens, the tokens of ServiceAccounts, and impersonation's user records.

A ServiceAccount's token is a signed JWT that lives no longer than its account and the object it is bound to. Like the
real server, a successful check is kept for a while, so a revoked token may answer some seconds longer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.cluster.errors import Refusal
from bot.sandbox.cluster.kinds import Kinds
from bot.sandbox.cluster.shapes import Obj
from bot.sandbox.cluster.storage import Store

AUDIENCE = "https://kubernetes.default.svc"
AUTHENTICATED = "system:authenticated"
MASTERS = "system:masters"
CREDENTIAL = "authentication.kubernetes.io/credential-id"
ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True)
class User:
    """A Kubernetes user: a name, and the groups by which roles reach it."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> Obj:
        body: Obj = {"username": self.name}
        body |= ({"uid": self.uid} if self.uid else {}) | ({"groups": list(self.groups)} if self.groups else {})
        return body | ({"extra": self.extra} if self.extra else {})

    @property
    def is_admin(self) -> bool:
        return MASTERS in self.groups


ADMIN = User("kubernetes-admin", (MASTERS, AUTHENTICATED))
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


def controller(name: str) -> User:
    """The user a built-in controller acts as; it is never refused by RBAC."""
    return User(f"{ACCOUNT}kube-system:{name}", (MASTERS, "system:serviceaccounts:kube-system", AUTHENTICATED))


def account_groups(namespace: str) -> tuple[str, ...]:
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)


def _pack(value: Any) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpack(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Identity:
    """Knows every credential of one server."""

    def __init__(self, store: Store, kinds: Kinds, clock: Callable[[], datetime], kept_for: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._kept_for = kept_for
        self._key = secrets.token_bytes(32)
        self._accounts = kinds.named("", "serviceaccounts")
        self._bindable = {"Secret": kinds.named("", "secrets"), "Pod": kinds.named("", "pods")}
        self._checked: dict[str, tuple[datetime, User]] = {}
        self.admin_token = secrets.token_urlsafe(24)
        self._users: dict[str, User] = {self.admin_token: ADMIN}

    def add(self, token: str, user: User) -> None:
        """Makes a static token known, as a person signed in by OIDC would have one."""
        self._users[token] = User(user.name, (*user.groups, AUTHENTICATED), user.uid, user.extra)

    def of(self, token: str | None) -> User:
        """The token's user; anonymous without a token. Raises a 401 Refusal for a token nobody issued or that died."""
        if token is None:
            return ANONYMOUS
        user = self._users.get(token) or self._kept(token) or self._check(token)
        if user is None:
            raise Refusal(401, "Unauthorized")
        return user

    def _kept(self, token: str) -> User | None:
        until, user = self._checked.get(token, (None, None))
        return user if until is not None and self._clock() < until else None

    def _check(self, token: str) -> User | None:
        claims = self._claims(token)
        if claims is None or AUDIENCE not in claims["aud"] or claims["exp"] <= self._clock().timestamp():
            return None
        bound = claims["kubernetes.io"]
        namespace, account = bound["namespace"], bound["serviceaccount"]
        if not self._lives(self._accounts, namespace, account):
            return None
        for word, kind in self._bindable.items():
            if word.lower() in bound and not self._lives(kind, namespace, bound[word.lower()]):
                return None
        extra = {CREDENTIAL: [f"JTI={claims['jti']}"]}
        user = User(f"{ACCOUNT}{namespace}:{account['name']}", account_groups(namespace), account["uid"], extra)
        self._checked[token] = (self._clock() + self._kept_for, user)
        return user

    def _lives(self, kind: Any, namespace: str, reference: Obj) -> bool:
        entry = self._store.get(kind, namespace, reference["name"])
        return entry is not None and entry.uid == reference["uid"]

    def _claims(self, token: str) -> Obj | None:
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._sign(signed), signature):
            return None
        claims: Obj = _unpack(signed.split(".")[1])
        return claims

    def _sign(self, text: str) -> str:
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def issue(self, account: Obj, seconds: int, bound: Obj | None, audiences: list[str]) -> tuple[str, datetime]:
        """A token for an account, by its metadata, maybe bound to a Secret or Pod; with the instant it expires.

        The server itself takes only tokens that are meant for it.
        """
        now, namespace = self._clock(), account["namespace"]
        expires = now + timedelta(seconds=seconds)
        owner: Obj = {"namespace": namespace, "serviceaccount": {"name": account["name"], "uid": account["uid"]}}
        if bound:
            owner[bound["kind"].lower()] = {"name": bound["name"], "uid": bound["uid"]}
        claims = {
            "aud": audiences,
            "exp": int(expires.timestamp()),
            "iat": int(now.timestamp()),
            "iss": AUDIENCE,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": owner,
            "nbf": int(now.timestamp()),
            "sub": f"{ACCOUNT}{namespace}:{account['name']}",
        }
        signed = f"{_pack({'alg': 'HS256', 'typ': 'JWT'})}.{_pack(claims)}"
        return f"{signed}.{self._sign(signed)}", expires
