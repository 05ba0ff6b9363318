"""The door over TLS: the cookie that nobody else can set, and no way back to plain HTTP."""

import argparse
import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console.login import first
from console.login.first import NoLinkError
from console.login.guarding import COOKIE_TLS
from console.serve import tls_of
from dispatch.access.words import EVERYWHERE, Office
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from tests.console.login.place import PASSWORD, TOKEN, open_place

NAME = "yihu.example.cn"


def certificate(folder: Path) -> tuple[Path, Path]:
    """One for this machine, signed by itself; certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([here, x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


async def test_over_tls_the_cookie_is_for_this_host_alone(tmp_path: Path) -> None:
    """Secure, by the prefix that only TLS may set; and the browser never tries without again."""
    cert, key = certificate(tmp_path)
    settings = Settings(data_dir=tmp_path, http_cert=cert, http_key=key, http_names=(NAME,))
    tls = tls_of(settings)
    async with open_place(tmp_path, tls=tls, hosts=settings.http_hosts) as place:
        await place.let_in_by_hand("调度一席", (Office.OPERATOR, EVERYWHERE))
        trust = ssl.create_default_context(cafile=cert)
        url = f"https://127.0.0.1:{place.port}"
        async with ClientSession() as client:
            body = {"name": "调度一席", "password": PASSWORD}
            async with client.post(f"{url}/api/v1/login", json=body, ssl=trust) as answer:
                cookie = answer.headers["Set-Cookie"]
                assert answer.status == 200
                assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            named = {"Host": f"{NAME}:{place.port}"}
            async with client.get(f"{url}/health", ssl=trust, headers=named) as answer:
                assert answer.status == 200
            other = {"Host": "other.example.cn"}
            async with client.get(f"{url}/health", ssl=trust, headers=other) as answer:
                assert answer.status == 403

    assert cookie.startswith(f"{COOKIE_TLS}=")
    assert "; Secure" in cookie
    assert "Domain" not in cookie


async def test_commands_know_the_server_by_its_own_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`yihu link --ca cert.pem`; without it, a stranger's certificate ends the asking."""
    cert, key = certificate(tmp_path)
    settings = Settings(data_dir=tmp_path, http_cert=cert, http_key=key)
    (tmp_path / "token").write_text(TOKEN)
    async with open_place(tmp_path, tls=tls_of(settings)) as place:
        parser = argparse.ArgumentParser()
        first.add_arguments(parser)
        url = f"--url=https://127.0.0.1:{place.port}"
        asked = [url, f"--token-file={tmp_path / 'token'}"]

        assert await asyncio.to_thread(first.run, parser.parse_args([*asked, f"--ca={cert}"])) == 0
        with pytest.raises(NoLinkError, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(first.run, parser.parse_args(asked))

    assert "/#link=" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["cert", "key", "pair", "gone"])
def test_files_that_do_not_belong_together_are_refused_at_the_start(
    tmp_path: Path, broken: str
) -> None:
    """In one sentence that names both."""
    cert, key = certificate(tmp_path)
    if broken == "pair":
        (tmp_path / "other").mkdir()
        _, key = certificate(tmp_path / "other")
    elif broken == "gone":
        key.unlink()
    else:
        (cert if broken == "cert" else key).write_text("no PEM")

    with pytest.raises(SettingsError, match=r"http_cert .* with http_key"):
        tls_of(Settings(data_dir=tmp_path, http_cert=cert, http_key=key))
