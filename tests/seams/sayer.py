"""A server that speaks Prometheus' API, and says what a test tells it to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Sayer:
    """A server that answers every query with what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.waits = threading.Event()
        self.waits.set()
        self.asked: list[tuple[str, list[str]]] = []
        sayer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                sayer.asked.append((url.path, parse_qs(url.query)["query"]))
                sayer.waits.wait(10)
                self.send_response(sayer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sayer.body)))
                self.end_headers()
                with suppress(ConnectionError):  # whoever waited has gone
                    self.wfile.write(sayer.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def says(self, *series: Any, kind: str = "vector", **more: Any) -> None:
        """Answer with these series, as Prometheus does."""
        self.answers({"status": "success", "data": {"resultType": kind, "result": list(series)}} | more)

    def answers(self, body: Any, status: int = 200) -> None:
        self.status, self.body = status, json.dumps(body).encode()


@contextmanager
def saying() -> Iterator[Sayer]:
    """Such a server, while it runs."""
    sayer = Sayer()
    thread = threading.Thread(target=lambda: sayer.server.serve_forever(0.01))
    thread.start()
    yield sayer
    sayer.waits.set()
    sayer.server.shutdown()
    thread.join()
    sayer.server.server_close()


def series(value: Any, *, age: float = 0, **labels: str) -> dict[str, Any]:
    """One series of an instant vector, as old as that in seconds."""
    return {"metric": labels, "value": [round(time.time() - age, 3), value]}
