"""Starts the emulated portal as a person does and talks to its control surface."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 90.0


@dataclass
class RunningPortal:
    """An emulated portal that answers."""

    port: int
    process: subprocess.Popen[str]
    scheme: str = "http"

    @property
    def origin(self) -> str:
        """Origin of the portal page."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def app_origin(self) -> str:
        """Origin of the app in the frame."""
        return f"{self.scheme}://127.0.0.1:{self.port + 1}"

    def ask(self, path: str, body: str | None = None, body_type: str = "text/plain") -> Any:
        """JSON answer of the control surface (``/emulator/...``); posts ``body`` if given."""
        data = None if body is None else body.encode()
        headers = {"Content-Type": body_type}
        request = urllib.request.Request(self.origin + path, data=data, headers=headers)
        trust = ssl._create_unverified_context() if self.scheme == "https" else None
        with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
            return json.loads(answer.read())

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """The REST requests with numbers above ``after``, oldest first."""
        requests: list[dict[str, Any]] = self.ask(f"/emulator/requests?after={after}")
        return requests

    def last_request(self) -> int:
        """Number of the last request so far."""
        return int(max((request["n"] for request in self.requests()), default=0))

    def call(self, method: str, parameters: dict[str, Any], user: int = 1) -> Any:
        """Result of a REST method that another program of a user calls."""
        path, body = f"/rest/{user}/elsewhere/{method}", json.dumps(parameters)
        return self.ask(path, body, "application/json")["result"]

    def merge(self, entity_type: int, ids: list[int]) -> None:
        """Merge companies (4) or contacts (3) into the first of them, as a person does."""
        self.ask("/emulator/merge", json.dumps({"entityTypeId": entity_type, "ids": ids}))

    def set_faults(self, spec: str) -> None:
        """Replace the faults (grammar in ``--help``); an empty text takes all away."""
        self.ask("/emulator/faults", spec)

    def expire_tokens(self) -> None:
        """Let every token run out now."""
        self.ask("/emulator/expire-tokens", "")


@contextlib.contextmanager
def portal_server(*arguments: str) -> Iterator[RunningPortal]:
    """The portal with these command-line arguments, on two free neighbouring ports."""
    port = _free_port_pair()
    command = [sys.executable, "-m", "portal", "--port", str(port), "--no-open", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_it_listens(process, port)
        yield RunningPortal(port, process, "https" if "--tls" in arguments else "http")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()


def _free_port_pair() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


def _wait_until_it_listens(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stdout is not None
            raise RuntimeError(f"the portal did not start:\n{process.stdout.read()}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            socket.create_connection(("127.0.0.1", port + 1), 1).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"the portal does not listen on port {port} after {START_LIMIT_S:.0f} s")
