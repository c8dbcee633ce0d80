"""A company's login to test with: a whole OpenID provider, which can be made to lie, to be slow and to be down."""

import base64
import hashlib
import json
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own use of what is to go
    import oidc_provider_mock

Json = dict[str, Any]
Claims = Callable[[Json], Json]


@dataclass
class Issuer:
    """The provider with its own keys in front: it signs anew what the provider says, changed as a test wants it."""

    people: dict[str, Json] = field(default_factory=dict)
    said: Claims = dict
    """What the id token says instead of what the provider says."""
    sign: Callable[["Issuer", Json], str] | None = None
    instead: dict[str, tuple[int, str]] = field(default_factory=dict)
    """What is answered by path, in the place of the truth: a status and a body."""
    cut: bool = False
    """Whether the answer for such a path breaks off."""
    trickles: bool = False
    """Whether it comes by drops, without end."""
    url: str = ""
    token_requests: list[dict[str, list[str]]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"}))
    _challenges: dict[str, str] = field(default_factory=dict)
    _app: Any = None

    def start(self) -> None:
        """Build the provider; its people are those there are by now."""
        users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in self.people.items()]
        self._app = oidc_provider_mock.app(user_claims=users)

    def says(self, subject: str, **claims: Any) -> None:
        """Change what is said of somebody."""
        self.people[subject] = claims
        httpx.put(f"{self.url}/users/{subject}", json=claims, trust_env=False).raise_for_status()

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        path = environ["PATH_INFO"]
        if path in self.instead:
            code, text = self.instead[path]
            if self.trickles:
                start_response(f"{code} -", [("Content-Type", "application/json")])
                return _drops()
            return _answer(start_response, f"{code} -", text, more=100 * self.cut)
        if path == "/jwks":
            return _answer(start_response, "200 OK", json.dumps({"keys": [self.key.as_dict(private=False)]}))
        if path == "/oauth2/token":
            return self._token(environ, start_response)
        body, status, headers = run_wsgi_app(self._app, environ)
        if path == "/oauth2/authorize" and environ["REQUEST_METHOD"] == "POST":
            asked = parse_qs(environ["QUERY_STRING"])
            given = parse_qs(urlsplit(headers.get("Location", "")).query)
            if "code" in given:
                assert asked["code_challenge_method"] == ["S256"]
                self._challenges[given["code"][0]] = asked["code_challenge"][0]
        start_response(status, list(headers))
        return body

    def _token(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        form = parse_qs(sent.decode())
        self.token_requests.append(form)
        verifier = form.get("code_verifier", [""])[0]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if self._challenges.get(form.get("code", [""])[0]) != challenge:
            return _answer(start_response, "400 -", json.dumps({"error": "invalid_grant"}))
        environ["wsgi.input"] = _Body(sent)
        body, status, _ = run_wsgi_app(self._app, environ)
        told = json.loads(b"".join(body))
        if "id_token" in told:
            told["id_token"] = self._signed(self.said(_claims_of(told["id_token"])))
        return _answer(start_response, status, json.dumps(told))

    def _signed(self, claims: Json) -> str:
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class _Body:
    """A request's body, to be read again."""

    def __init__(self, body: bytes) -> None:
        self._left = body

    def read(self, size: int = -1) -> bytes:
        size = len(self._left) if size < 0 else size
        given, self._left = self._left[:size], self._left[size:]
        return given

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


def unsigned(_: Issuer, claims: Json) -> str:
    """A token that nobody signed."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def signed_with_the_public_key(issuer: Issuer, claims: Json) -> str:
    """A token signed with what everybody knows, as if it were a secret."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(issuer.key.as_pem(private=False)))


def signed_by_another(_: Issuer, claims: Json) -> str:
    """A token signed by somebody else."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def _claims_of(token: str) -> Json:
    payload = token.split(".")[1]
    found: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def _drops() -> Iterator[bytes]:
    while True:
        yield b" "
        time.sleep(0.2)


def _answer(start_response: Callable[..., Any], status: str, body: str, more: int = 0) -> list[bytes]:
    length = str(len(body.encode()) + more)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", length)])
    return [body.encode()]


@contextmanager
def issuer(**people: Json) -> Iterator[Issuer]:
    """A running provider; `people` are claims by subject."""
    found = Issuer(dict(people))
    server = make_server("127.0.0.1", 0, found, threaded=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


class Browser:
    """A browser, with its cookies."""

    def __init__(self) -> None:
        self._http = httpx.Client(trust_env=False, timeout=30)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str, method: str = "GET") -> httpx.Response:
        """One page."""
        return self._http.request(method, url)

    def begins(self, url: str) -> httpx.Response:
        """Open a link from Slack and press its button, if it has one."""
        return self.presses(self.get(url))

    def presses(self, page: httpx.Response) -> httpx.Response:
        """Press the button of a page; the same page where there is none."""
        found = re.search(r"<form method=post><input type=hidden name=(\w+) value=(\w+)>", page.text)
        return self.post(str(page.url), {found[1]: found[2]}) if found else page

    def post(self, url: str, form: dict[str, str]) -> httpx.Response:
        """One form sent."""
        return self._http.post(url, data=form)

    def logs_in(self, at: str, subject: str) -> str:
        """Log in at the issuer's page as somebody. The address that the browser is sent on to."""
        return str(self._http.post(at, data={"sub": subject}).headers["location"])

    def goes(self, url: str, subject: str) -> httpx.Response:
        """The whole way, by a link from Slack; the last page."""
        begun = self.begins(url)
        if begun.status_code != 303:
            return begun
        return self.get(self.logs_in(begun.headers["location"], subject))
