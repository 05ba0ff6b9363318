"""The page from which phones install the authority: what they get, and when there is none."""

import subprocess
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from devices.ca_page import ca_routes
from dispatch.tls.make import as_der, read_told
from tests.dispatch.tls.certificates import shown


def app(folder: Path) -> web.Application:
    """Nothing but these routes."""
    made = web.Application()
    made.add_routes([web.route(each.method, each.path, each.handle) for each in ca_routes(folder)])
    return made


async def test_the_page_tells_the_fingerprint_and_gives_the_authority(tmp_path: Path) -> None:
    """In both languages, without a script; and never a key."""
    files = shown(tmp_path)
    async with TestClient(TestServer(app(tmp_path))) as client:
        page = await (await client.get("/ca")).text()
        answer = await client.get("/ca.crt")
        given = await answer.read()

    fingerprint = read_told(files.authority.read_bytes()).fingerprint
    assert page.count(fingerprint[:23].replace(":", " ")) == 2
    assert "安装本中心的根证书" in page
    assert "Install this centre's own authority" in page
    assert "<script" not in page
    assert answer.content_type == "application/x-x509-ca-cert"
    assert given == as_der(files.authority.read_bytes())
    assert b"PRIVATE" not in given


async def test_without_an_authority_there_is_no_page(tmp_path: Path) -> None:
    """And as soon as one is made there is, without a restart."""
    async with TestClient(TestServer(app(tmp_path))) as client:
        assert (await client.get("/ca")).status == 404
        assert (await client.get("/ca.crt")).status == 404

        shown(tmp_path)

        assert (await client.get("/ca")).status == 200


def test_a_server_does_not_load_cryptography_as_it_starts() -> None:
    """Ten megabytes, for what is asked for once a phone."""
    code = "import sys, devices.routes; sys.exit('cryptography' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
