"""Clients written for the real platform read the emulated one, unchanged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from fast_bitrix24 import BitrixAsync

from portal.certificate import make_certificate
from portal.state import Options, PortalState
from unit.portal.small_portal import Running, companies, running, stored

_COUNT = 260
_SDK = Path(__file__).parents[3] / "node_modules" / "@bitrix24" / "b24jssdk"
_CODE = "c0de"

_WANTED = [{"ID": str(3 * n), "TITLE": f"Company {n}"} for n in range(1, _COUNT + 1)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    files = make_certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1")
    return str(files[0]), str(files[1])


@contextlib.contextmanager
def _portal(certificate: tuple[str, str] | None) -> Iterator[Running]:
    state = PortalState(stored({"companies": companies(_COUNT)}), Options(pace="off"))
    with running(state, certificate) as portal:
        yield portal


def test_b24pysdk_reads_all_companies(
    certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate[0])
    with _portal(certificate) as portal:
        domain = portal.url.removeprefix("https://")
        client = Client(BitrixWebhook(domain=domain, webhook_token=f"1/{_CODE}"))
        request = client.crm.company.list(select=["ID", "TITLE"])
        assert list(request.as_list().result) == _WANTED
        assert list(request.as_list_fast().result) == _WANTED
        assert client.crm.company.update(bitrix_id=3, fields={"TITLE": "Changed"}).result is True
        assert client.crm.company.get(bitrix_id=3).result["TITLE"] == "Changed"


def test_fast_bitrix24_reads_all_companies() -> None:
    logging.getLogger("fast_bitrix24").setLevel(logging.ERROR)

    async def read(webhook: str) -> tuple[Any, Any]:
        client = BitrixAsync(webhook, verbose=False)
        rows = await client.get_all("crm.company.list", params={"select": ["ID", "TITLE"]})
        return rows, await client.get_by_ID("crm.company.get", [3, 6])

    with _portal(None) as portal:
        rows, by_id = asyncio.run(read(f"{portal.url}/rest/1/{_CODE}/"))
    assert sorted(rows, key=lambda row: int(row["ID"])) == _WANTED
    assert {key: row["TITLE"] for key, row in by_id.items()} == {"3": "Company 1", "6": "Company 2"}


@pytest.mark.skipif(
    not _SDK.exists() or not shutil.which("node"),
    reason="node with @bitrix24/b24jssdk is not there",
)
def test_b24jssdk_reads_all_companies(certificate: tuple[str, str]) -> None:
    with _portal(certificate) as portal:
        script = Path(__file__).with_name("read_all.mjs")
        finished = subprocess.run(
            ["node", str(script), str(_SDK), f"{portal.url}/rest/1/{_CODE}"],
            env={"NODE_EXTRA_CA_CERTS": certificate[0], "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert finished.returncode == 0, finished.stderr
    read = json.loads(finished.stdout)
    assert read["fetched"] == _WANTED
    batched = dict(read["batched"])
    assert batched["first"] == _WANTED[:50]
    assert [item["id"] for item in batched["items"]["items"]] == [3 * n for n in range(1, 51)]
