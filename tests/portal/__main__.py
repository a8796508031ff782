"""``python -m portal``: an emulated Bitrix24 portal with the application in its frame."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from portal.connections import PortTaken
from portal.database import Database
from portal.faults import GRAMMAR, Faults, FaultSpecError
from portal.folder import FolderError
from portal.pace import PACES
from portal.server import ports, serve
from portal.sources import Source, SourceError, open_database
from portal.state import FEATURES, SCOPES, Options, PortalState

ROOT: Final = Path(__file__).resolve().parents[2]
EXIT_WRONG_USE: Final = 2
EXIT_INTERRUPTED: Final = 130
_LACKABLE: Final = (*FEATURES, *(scope for scope in SCOPES if scope != "crm"))

_EXAMPLES: Final = """
pace:
  cloud     the platform's limits: 2 requests a second above a burst of 50 from one address,
            480 s of work per method in 10 minutes; a page of named fields takes 0.08 s (twice
            that with *, three times with a count), a write 0.3 s, any other call 0.02 s;
            a request is cut at 60 s
  measured  the same limits, slower: a page 0.22 s, a write 0.5 s
  off       no limits, as fast as it can

examples:
  python -m portal                                 5,000 clients, the platform's pace
  python -m portal --clients 85000 --pace off      a big portal without waiting
  python -m portal --clients 1000000 --database big.sqlite    made once, kept
  python -m portal --data my-portal --as 7         rows from files, seen by user 7
  python -m portal --faults seed=7,503=0.05,lost=0.02,at=3:expire
  python -m portal --without entity,offline-events    an app with fewer permissions
  python -m portal --pace measured --speed 20      a day's writing in an hour

REST for other programs: http://HOST:PORT/rest/USER_ID/ANY_CODE/METHOD
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the emulator until it is told to stop; the exit code."""
    given = _parser().parse_args(arguments)
    options = Options(
        host=given.host,
        port=given.port,
        pace=given.pace,
        speed=given.speed,
        user=given.user,
        lang=given.lang,
        faults=given.faults,
        app_folder=given.app,
        tls=given.tls,
        without=given.without,
        install=given.install,
    )
    source = Source(given.data, given.clients, given.seed, given.now, given.database)
    try:
        with ports(options) as sockets, _database(source) as database:
            state = _state(database, options)
            serve(state, sockets, lambda: _greet(state, may_open=not given.no_open))
    except (FolderError, SourceError, PortTaken) as error:
        print(error, file=sys.stderr)
        return EXIT_WRONG_USE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


@contextlib.contextmanager
def _database(source: Source) -> Iterator[Database]:
    began_s = time.monotonic()
    with contextlib.closing(open_database(source)) as database:
        tables = ("companies", "contacts", "deals", "invoices")
        rows = sum(database.count(table) for table in tables)
        spent_s = time.monotonic() - began_s
        print(f"{rows} companies, contacts, deals and invoices in {spent_s:.1f} s", flush=True)
        yield database


def _state(database: Database, options: Options) -> PortalState:
    state = PortalState(database, options)
    user = state.user(state.start_user_id)
    if user is None:
        known = ", ".join(str(row["ID"]) for row in database.rows("users")[:20])
        raise SourceError(
            f"there is no user {state.start_user_id} on this portal; the first users are {known}"
        )
    return state


def _greet(state: PortalState, *, may_open: bool) -> None:
    address = f"{state.options.portal_origin}/"
    print(
        f"Portal: {address} (user {state.start_user_id}, pace {state.pace.name}, "
        f"speed {state.clock.speed:g}; app on {state.options.app_origin}/; Ctrl+C stops)",
        flush=True,
    )
    if may_open and (sys.stdout.isatty() or os.environ.get("DISPLAY")):
        webbrowser.open(address)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal",
        description="An emulated Bitrix24 portal with the application in its frame.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"{_EXAMPLES}\nfaults:\n{GRAMMAR}\n",
    )
    data = parser.add_argument_group("the portal's rows")
    data.add_argument(
        "--data", metavar="DIR", help="take them from portal.json and *.jsonl in this folder"
    )
    data.add_argument(
        "--clients", type=_count, default=5000, metavar="N", help="else make so many clients (5000)"
    )
    data.add_argument("--seed", type=int, default=1, metavar="S", help="of the made rows (1)")
    data.add_argument("--now", metavar="MOMENT", help="portal time stands still at this ISO moment")
    data.add_argument(
        "--database",
        metavar="FILE",
        help="keep the made rows, and what becomes of them, in this file",
    )
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    network.add_argument(
        "--port",
        type=_port,
        default=8080,
        metavar="P",
        help="the portal's, the app's is P+1 (8080)",
    )
    network.add_argument(
        "--tls", action="store_true", help="https with a certificate made at start"
    )
    behaviour = parser.add_argument_group("behaviour")
    behaviour.add_argument(
        "--pace", choices=sorted(PACES), default="cloud", help="see below (cloud)"
    )
    behaviour.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="pace, limits and slow answers run N times faster (1)",
    )
    behaviour.add_argument(
        "--faults", type=_faults, default="", metavar="SPEC", help="what goes wrong, see below"
    )
    behaviour.add_argument(
        "--without",
        type=_without,
        default=frozenset(),
        metavar="LIST",
        help=f"what the portal lacks, parted by commas: {', '.join(_LACKABLE)}",
    )
    behaviour.add_argument(
        "--install",
        action="store_true",
        help="the app is not installed yet (a kept database remembers when it is)",
    )
    page = parser.add_argument_group("page")
    page.add_argument(
        "--as", dest="user", type=int, default=0, metavar="USER_ID", help="user (the administrator)"
    )
    page.add_argument(
        "--lang", choices=("ru", "en"), default="ru", help="the portal's language (ru)"
    )
    page.add_argument(
        "--app",
        default=str(ROOT),
        metavar="DIR",
        help="folder of the app to serve (this repository)",
    )
    page.add_argument("--no-open", action="store_true", help="do not open the browser")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65534:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port between 1 and 65534")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 10000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, up to 10000")
    return speed


def _without(text: str) -> frozenset[str]:
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    unknown = sorted(names - set(_LACKABLE))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"a portal cannot lack {', '.join(unknown)}; take some of {', '.join(_LACKABLE)}"
        )
    return names


def _faults(text: str) -> str:
    try:
        Faults(text)
    except FaultSpecError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


if __name__ == "__main__":
    sys.exit(main())
