"""The only module that speaks to the company's login: an OpenID Connect issuer, by discovery and the code flow.

Nothing it says is believed before its signature is verified, and nothing but the id token is read. Every answer is
awaited for some seconds and read up to some size; errors become `OidcError`, in words.
"""

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from bot.rules.identity import Login, OidcPolicy

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What an id token may be signed with: never nothing, and never a secret that both sides know."""
_LEEWAY: Final = 30  # seconds by which clocks may differ
_STEP: Final = 5  # seconds for a connection, and for each piece of an answer
_WHOLE: Final = 10  # seconds for a whole answer
_LARGEST: Final = 1_000_000  # bytes
_GROUPS: Final = 1_000
_LONGEST: Final = 255  # characters of a subject (by OpenID Connect Core) and of a group's name


class OidcError(Exception):
    """The issuer cannot be asked, refuses, or says what cannot be believed. The text is a sentence."""


@dataclass(frozen=True)
class Begun:
    """What one login goes by, made for it alone: the state comes back, the others prove that the answer is for us."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class _Bounded(HTTPAdapter):
    """Reads answers whole, but neither for long nor without end."""

    def send(self, request: Any, *_: Any, **more: Any) -> requests.Response:
        """One request."""
        until = time.monotonic() + _WHOLE
        given = {name: more[name] for name in ("verify", "cert", "proxies") if name in more}
        response = super().send(request, stream=True, timeout=_STEP, **given)
        raw = response.raw
        try:
            response.raw = io.BytesIO(_read(raw, until))
        except HTTPError as error:  # of the connection, while the body came
            raise requests.exceptions.ConnectionError("an answer that broke off") from error
        finally:
            raw.close()
        return response


def _read(raw: Any, until: float) -> bytes:
    """What comes, piece by piece as it comes, so that one that trickles is given up too."""
    body = bytearray()
    while piece := raw.read1(1 << 16, decode_content=True):
        body += piece
        if len(body) > _LARGEST or time.monotonic() > until:
            raise requests.exceptions.ReadTimeout("an answer without end")
    return bytes(body)


class Issuer:
    """The company's login, and Berth as its client."""

    def __init__(self, policy: OidcPolicy, client_secret: str, redirect_uri: str) -> None:
        self._policy = policy
        self._secret = client_secret
        self._redirect_uri = redirect_uri

    @property
    def name(self) -> str:
        """Its address."""
        return self._policy.issuer

    def check(self) -> None:
        """See whether it answers as an issuer does. Raises OidcError."""
        with self._session() as session:
            discovered = self._discovered(session)
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _endpoint(discovered, name, self._policy)

    def authorization_url(self, begun: Begun) -> str:
        """Where a browser logs in. Raises OidcError."""
        with self._session() as session:
            endpoint = _endpoint(self._discovered(session), "authorization_endpoint", self._policy)
            url, _ = session.create_authorization_url(
                endpoint, state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
            )
            return str(url)

    def login(self, code: str, begun: Begun, now: datetime) -> Login:
        """Who has logged in, as the verified id token for this code says. Raises OidcError."""
        with self._session() as session:
            discovered = self._discovered(session)
            answer = self._exchanged(session, discovered, code, begun)
            keys = _asked(session, _endpoint(discovered, "jwks_uri", self._policy))
        return self._login(self._verified(answer, keys, begun, now))

    def _session(self) -> Any:
        session = OAuth2Session(
            self._policy.client_id,
            self._secret or None,
            scope=" ".join(self._policy.scopes),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Bounded())
        return session

    def _discovered(self, session: Any) -> Mapping[str, Any]:
        found = _asked(session, f"{self._policy.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._policy.issuer:
            raise OidcError("The company login calls itself by another address than berth.yaml does")
        return found

    def _exchanged(self, session: Any, discovered: Mapping[str, Any], code: str, begun: Begun) -> Mapping[str, Any]:
        endpoint = _endpoint(discovered, "token_endpoint", self._policy)
        methods = discovered.get("token_endpoint_auth_methods_supported") or ()
        if self._secret and "client_secret_basic" not in methods and "client_secret_post" in methods:
            session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - the name of a method
        try:
            answer: Mapping[str, Any] = session.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                allow_redirects=False,
            )
        except OAuthError as error:
            raise OidcError(f"The company login refused this ({_plain(error.error)})") from error
        except (requests.RequestException, OSError) as error:
            raise OidcError("The company login does not answer") from error
        except (ValueError, TypeError, KeyError) as error:
            raise OidcError("The company login answered what cannot be read") from error
        return answer

    def _verified(
        self, answer: Mapping[str, Any], keys: Mapping[str, Any], begun: Begun, now: datetime
    ) -> Mapping[str, Any]:
        try:
            token = jwt.decode(str(answer["id_token"]), KeySet.import_key_set(dict(keys)), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self._policy.issuer},
                    "aud": {"essential": True, "value": self._policy.client_id},
                    "nonce": {"essential": True, "value": begun.nonce},
                },
                {
                    "nonce": begun.nonce,
                    "client_id": self._policy.client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise OidcError(f"What the company login says cannot be believed ({_reason(error)})") from error
        return dict(token.claims)

    def _login(self, claims: Mapping[str, Any]) -> Login:
        subject, email = claims.get("sub"), claims.get(self._policy.email_claim)
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST:
            raise OidcError("The company login does not say who you are")
        if not isinstance(email, str) or not email:
            raise OidcError("The company login does not tell your e-mail address")
        if claims.get("email_verified") is not True and not self._policy.unverified_emails:
            raise OidcError("The company login does not say that your e-mail address is verified")
        return Login(self._policy.issuer, subject, email, _groups(claims.get(self._policy.groups_claim)))


def _asked(session: Any, url: str) -> Mapping[str, Any]:
    try:
        answer = session.request("GET", url, withhold_token=True, allow_redirects=False)
        found = answer.json() if answer.status_code == 200 else None
    except ValueError as error:  # also what requests raises for what is no JSON
        raise OidcError("The company login answered what cannot be read") from error
    except (requests.RequestException, OSError) as error:
        raise OidcError("The company login does not answer") from error
    if not isinstance(found, dict):
        raise OidcError("The company login answered what cannot be read")
    return found


def _endpoint(discovered: Mapping[str, Any], name: str, policy: OidcPolicy) -> str:
    """An address of the issuer's. One without TLS only where the issuer itself has none."""
    url = discovered.get(name)
    allowed = {"https", urlsplit(policy.issuer).scheme}
    if not isinstance(url, str) or urlsplit(url).scheme not in allowed or not urlsplit(url).hostname:
        raise OidcError(f"The company login names no {name.replace('_', ' ')} that can be used")
    return url


def _groups(claimed: Any) -> Sequence[str]:
    listed = [claimed] if isinstance(claimed, str) else claimed if isinstance(claimed, list) else []
    return tuple(one for one in listed[:_GROUPS] if isinstance(one, str) and 0 < len(one) <= _LONGEST)


def _reason(error: Exception) -> str:
    """The kind of a fault; what the token holds is not repeated."""
    claim = getattr(error, "claim", "")
    code = getattr(error, "error", "") or type(error).__name__
    return _plain(f"{code} {claim}".strip())


def _plain(text: Any) -> str:
    """A code of the issuer's, as far as it looks like one."""
    return "".join(one for one in str(text)[:60] if one.isascii() and (one.isalnum() or one in "_ .-")) or "no reason"
