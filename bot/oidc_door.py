"""The browser's side of linking a company login: `/oidc/start/<ticket>` and `/oidc/callback`, and their pages.

What only opens a link, as mail and chat programs do for their readers, uses nothing up: a person presses a button, and
only that begins. No page of others can press it, since it sends what belongs to a cookie of the browser that opened the
link here. The pages are whole in themselves, run nothing, are kept nowhere and name nobody where they can be framed.
Everything that came from outside is escaped. Nothing of a request is logged: its address holds a secret.
"""

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from typing import Final
from urllib.parse import parse_qs

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.request_body import read_body
from bot.rules.words import JOINED, command
from bot.usecases.link_tickets import TICKETS_LAST
from bot.usecases.logins import Logins, Proven, Returned
from bot.usecases.refusal import Refusal
from store.database import StoreError

log = structlog.get_logger()

_PATH: Final = "/oidc"
_AT_ONCE: Final = 8  # browsers that are served at once: each may wait for the issuer
_LONGEST: Final = 4_096  # characters of what a browser brings
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;"
    "background:#eef3f6;color:#16252f}"
    "main{max-width:34rem;margin:1rem;padding:2rem;background:#fff;border-radius:12px;"
    "box-shadow:0 2px 14px rgba(22,37,47,.12)}"
    "h1{font-size:1.4rem;margin:0 0 .75rem}dt{color:#5a6f7c;font-size:.85rem}dd{margin:0 0 .75rem;"
    "overflow-wrap:anywhere}strong.code{font:700 1.8rem ui-monospace,monospace;letter-spacing:.12em}"
    "button{font:600 1rem system-ui,sans-serif;padding:.75rem 1.25rem;border:0;border-radius:8px;cursor:pointer;"
    "background:#1c5d88;color:#fff}button:hover{background:#164a6d}button:focus-visible{outline:3px solid #e08a00;"
    "outline-offset:2px}code{font:.95em ui-monospace,monospace}"
    "@media(prefers-color-scheme:dark){body{background:#10191f;color:#e6eef2}main{background:#1b2831}dt{color:#9db2bf}"
    "button{background:#8ecbf2;color:#10191f}button:hover{background:#b4dcf7}}"
)
_FORM: Final = "form-action 'none'; "
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; base-uri 'none'; {_FORM}frame-ancestors 'none'; "
        f"style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
# Browsers hold form-action against each address that the form's answer leads on to, and the issuer may lead anywhere.
_HEADERS_OF_A_FORM: Final = _HEADERS | {
    "Content-Security-Policy": _HEADERS["Content-Security-Policy"].replace(_FORM, "")
}


class OidcDoor:
    """Serves browsers that come by a link from Slack, or back from the company's login."""

    def __init__(self, logins: Logins, public_url: str) -> None:
        self._logins = logins
        self._secure = public_url.startswith("https:")
        self._cookie = "__Secure-berth-link" if self._secure else "berth-link"
        self._visit = "__Secure-berth-visit" if self._secure else "berth-visit"
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """Both addresses."""
        return [
            Route(f"{_PATH}/start/{{ticket}}", self._start, methods=["GET", "POST"]),
            Route(f"{_PATH}/callback", self._callback, methods=["GET"]),
        ]

    async def _start(self, request: Request) -> Response:
        ticket = request.path_params["ticket"][:_LONGEST]
        if request.method == "HEAD":
            return _page("Berth", "")
        if request.method == "GET":
            return await self._served(lambda: self._asked(ticket))
        form = parse_qs((await read_body(request, _LONGEST) or b"").decode("latin-1"))
        pressed, visit = form.get("pressed", [""])[0], request.cookies.get(self._visit, "")[:_LONGEST]
        return await self._served(lambda: self._begun(ticket, visit, pressed))

    async def _callback(self, request: Request) -> Response:
        given = {name: request.query_params.get(name, "")[:_LONGEST] for name in ("state", "code", "error")}
        returned = Returned(**given, browser=request.cookies.get(self._cookie, "")[:_LONGEST])
        if request.method == "HEAD":
            return _page("Berth", "")
        return await self._served(lambda: self._finished(returned))

    async def _served(self, serve: Callable[[], Response]) -> Response:
        async with self._turns:
            try:
                return await run_in_threadpool(serve)
            except Refusal as refusal:
                return _page("That did not work", _paragraphs(refusal.message, refusal.hint.replace(JOINED, " ")), 400)
            except (StoreError, TimeoutError) as error:
                log.warning("a login could not be served", error=type(error).__name__)
                return _page("That did not work", _paragraphs("Berth’s database does not answer", "Try again."), 503)
            except Exception:  # whatever it is, a browser is told nothing of it
                log.exception("a login broke")
                sorry = _paragraphs("Something broke on our side", "Nothing has been linked. Ask an admin.")
                return _page("That did not work", sorry, 500)

    def _asked(self, ticket: str) -> Response:
        """The page with the button, and the cookie by which it is known to have been pressed here."""
        self._logins.look(ticket)
        visit = secrets.token_urlsafe(32)
        answer = _page("Link your company login", _question(_pressed(visit, ticket)), headers=_HEADERS_OF_A_FORM)
        self._keep(answer, self._visit, visit)
        return answer

    def _begun(self, ticket: str, visit: str, pressed: str) -> Response:
        if not visit or not hmac.compare_digest(_pressed(visit, ticket).encode(), pressed.encode()):
            raise Refusal(
                "This button was pressed on a page that this browser did not open just now, or it keeps no cookies",
                "Open the link in Slack again.",
            )
        begin = self._logins.begin(ticket)
        answer = RedirectResponse(begin.url, 303, _HEADERS)
        self._keep(answer, self._cookie, begin.browser)
        self._drop(answer, self._visit)
        return answer

    def _keep(self, answer: Response, cookie: str, value: str) -> None:
        answer.set_cookie(
            cookie,
            value,
            max_age=int(TICKETS_LAST.total_seconds()),
            path=_PATH,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def _drop(self, answer: Response, cookie: str) -> None:
        answer.delete_cookie(cookie, path=_PATH, secure=self._secure, httponly=True, samesite="lax")

    def _finished(self, returned: Returned) -> Response:
        answer = _page("Go back to Slack", _proven(self._logins.finish(returned)))
        self._drop(answer, self._cookie)
        return answer


def _pressed(visit: str, ticket: str) -> str:
    """What the button of this ticket sends in the browser of this visit."""
    return hmac.digest(visit.encode(), ticket.encode(), "sha256").hex()


def _question(pressed: str) -> str:
    minutes, typed = int(TICKETS_LAST.total_seconds()) // 60, _told(command("link").replace(JOINED, " "))
    return (
        f"<p>You have typed <code>{typed}</code> in Slack, and log in now to show who you are. If somebody else has "
        "sent you this link, close this page.</p>"
        f"<form method=post><input type=hidden name=pressed value={pressed}><button>Go on to the login</button></form>"
        f"<p>The link works once, for {minutes} minutes.</p>"
    )


def _proven(proven: Proven) -> str:
    """Who is linked to whom, and what is left to do."""
    groups = ", ".join(proven.login.groups) or "none"
    code = proven.code[:4] + "-" + proven.code[4:]
    asked = (
        f"<p>Slack asks for this code, which nobody else should get from you:</p><p><strong class=code>{_told(code)}"
        "</strong></p>"
        if proven.code
        else ""
    )
    return (
        f"<p>You are logged in, and Berth asks in Slack whether this was meant. Open its message and press "
        f"<b>That was me</b>. Nothing is linked before.</p>{asked}<dl>"
        f"<dt>The company login</dt><dd>{_told(proven.login.email)} ({_told(proven.login.subject)}) at "
        f"{_told(proven.login.issuer)}</dd><dt>Its groups</dt><dd>{_told(groups)}</dd>"
        "<dt>is to be linked to the Slack person</dt>"
        f"<dd>{_told(proven.person)} ({_told(proven.person_email)})</dd></dl>"
        "<p>If that Slack person is not you, close this page and give nobody the code: somebody has sent you a link "
        "of theirs.</p>"
    )


def _paragraphs(*sentences: str) -> str:
    return "".join(f"<p>{_told(one if one.endswith(('.', '!', '?')) else f'{one}.')}</p>" for one in sentences if one)


def _told(text: str) -> str:
    """Text of others: escaped, and without the characters that turn or hide what stands beside them."""
    return escape("".join(one for one in text[:300] if one.isprintable()))


def _page(title: str, body: str, status: int = 200, headers: Mapping[str, str] = _HEADERS) -> Response:
    html = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)} · Berth</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    return Response(html, status, headers, media_type="text/html; charset=utf-8")
