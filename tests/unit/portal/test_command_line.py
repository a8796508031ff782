"""``python -m portal``: what it prints, how it ends, what it keeps."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal.__main__ import main
from portal.sources import Source, SourceError, open_database

TESTS = Path(__file__).parents[2]


def _free_port() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


@contextlib.contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "portal", "--no-open", "--clients", "20", *arguments],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_both_ports_answer_and_ends_cleanly(number: signal.Signals) -> None:
    port = _free_port()
    with _started("--port", str(port)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline().startswith(f"Portal: http://127.0.0.1:{port}/ ")
        answer = httpx.get(f"http://127.0.0.1:{port}/rest/1/code/user.admin", timeout=5)
        assert answer.json()["result"] is True
        assert httpx.get(f"http://127.0.0.1:{port + 1}/", timeout=5).status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_taken_port_is_told_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--no-open", "--port", str(port), "--clients", "1000000"]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_a_bad_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "companies.jsonl").write_text("{oops}\n")
    assert main(["--no-open", "--port", str(_free_port()), "--data", str(tmp_path)]) == 2
    assert "companies.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--pace", "slow"], "invalid choice"),
        (["--faults", "503=2"], "between 0 and 1"),
        (["--clients", "0"], "from 1 on"),
        (["--port", "70000"], "not a port"),
        (["--speed", "0"], "above 0"),
    ],
)
def test_wrong_options_are_told(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert text in capsys.readouterr().err


def test_an_unknown_user_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    port = str(_free_port())
    assert main(["--no-open", "--port", port, "--clients", "5", "--as", "7777777"]) == 2
    assert "no user 7777777" in capsys.readouterr().err


def test_help_tells_the_faults_and_gives_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "refresh_silent=P" in text
    assert "examples:" in text


def test_made_rows_are_kept_for_the_same_wish(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.sqlite")
    first = open_database(Source(clients=10, seed=1, database=path))
    first.connection.execute("UPDATE companies SET TITLE = 'Changed'")
    first.close()
    same = open_database(Source(clients=10, seed=1, database=path))
    assert {row["TITLE"] for row in same.rows("companies")} == {"Changed"}
    same.close()
    other = open_database(Source(clients=10, seed=2, database=path))
    assert "Changed" not in {row["TITLE"] for row in other.rows("companies")}
    other.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, this is a letter and no database at all." * 20)
    with pytest.raises(SourceError, match="cannot be used as a database"):
        open_database(Source(clients=10, database=str(path)))
    assert path.read_text().startswith("Dear")


def test_a_wish_that_cannot_be_had_leaves_its_file_to_others(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.sqlite")
    with pytest.raises(SourceError) as refused:
        open_database(Source(clients=10, now="yesterday", database=path))
    open_database(Source(clients=10, database=path)).close()
    assert "not a moment" in str(refused.value)


def test_time_can_be_made_to_stand_still() -> None:
    database = open_database(Source(clients=10, now="2026-05-14T10:00:00+03:00"))
    assert database.settings["now"] == 1_778_742_000
    database.close()
    with pytest.raises(SourceError, match="not a moment"):
        open_database(Source(clients=10, now="yesterday"))
