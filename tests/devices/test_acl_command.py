"""``yihu acl``: what is refused before any file is written."""

from pathlib import Path

import pytest

from dispatch.__main__ import main


@pytest.fixture(autouse=True)
def logging_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets up logging for its process, and a logger that was used keeps what it
    wrote to then: here that is the captured output of one test."""
    monkeypatch.setattr("dispatch.__main__.configure_logs", lambda **_: None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--host", "0.0.0.0"), "there is no certificate"),
        (("--host", "192.168.1.5"), "yihu tls makes them"),
        (("--cert", "c.pem"), "belong together"),
        (("--key", "k.pem"), "belong together"),
    ],
)
def test_radios_elsewhere_come_in_over_tls_or_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], words: str
) -> None:
    """As at the embedded broker."""
    out = tmp_path / "mosquitto"

    assert main(["acl", "--data", str(tmp_path), "--out", str(out), *given]) == 2

    assert words in capsys.readouterr().err
    assert not out.exists()
