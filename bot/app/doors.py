"""What comes in by HTTP: probes, metrics, Slack where it delivers so, API servers and browsers that log in."""

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from slack_bolt import App
from starlette.routing import Route

from bot.app.foundation import Foundation
from bot.audit_door import AuditDoor
from bot.cluster_watch import ClusterWatch
from bot.config import SlackMode
from bot.http import Check, HttpServer, StoreCollector, application, database_answers
from bot.oidc_door import OidcDoor
from bot.usecases import UseCases
from bot.usecases.activity import ApiActivity


def server(on: Foundation, uses: UseCases, bolt: App, watch: ClusterWatch, ready: list[Check]) -> HttpServer:
    """The server; it is ready where the database answers and nothing of `ready` is wrong."""
    registry = _registry(on, watch)
    by_http = bolt if on.settings.slack_mode is SlackMode.HTTP else None
    checks = [database_answers(on.store), *ready]
    routes = [*_audit_routes(on), *_login_routes(on, uses)]
    address = on.settings.http_address
    return HttpServer(application(by_http, registry, checks, routes), address.host, address.port)


def _registry(on: Foundation, watch: ClusterWatch) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(StoreCollector(on.store))
    registry.register(watch)
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


def _audit_routes(on: Foundation) -> list[Route]:
    """Where API servers tell what people do, if there is a token to know them by."""
    token = on.settings.audit_token
    activity = ApiActivity(on.store, on.catalogue, on.clock)
    return AuditDoor(token.get_secret_value(), activity).routes() if token is not None else []


def _login_routes(on: Foundation, uses: UseCases) -> list[Route]:
    """Where the company's login sends browsers back to, if there is one."""
    public_url = on.settings.public_url or ""
    return OidcDoor(uses.logins, public_url).routes() if uses.logins is not None else []
