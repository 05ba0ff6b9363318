"""``yihu tls``: what it makes, what it refuses to overwrite, what it says."""

import datetime
import ipaddress
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.tls.command import make, page_address
from dispatch.tls.folder import TlsFolder
from dispatch.tls.make import Told, read_told
from dispatch.tls.names import HERE, Name, found_names, read_name, read_names

NAME = "yihu.example.cn"
NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def logging_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets up logging for its process, and a logger that was used keeps what it
    wrote to then: here that is the captured output of one test."""
    monkeypatch.setattr("dispatch.__main__.configure_logs", lambda **_: None)


def made(
    tls: TlsFolder,
    *names: Name,
    again: bool = False,
    new_authority: bool = False,
    days: int = 100,
    now: datetime.datetime = NOW,
) -> Told:
    """As the command does it."""
    return make(
        tls,
        names=names,
        otherwise=("found.local",),
        days=days,
        again=again,
        new_authority=new_authority,
        now=now,
    )


@pytest.fixture
def tls(tmp_path: Path) -> TlsFolder:
    return TlsFolder.of(tmp_path)


def test_keys_are_their_owners_alone(tls: TlsFolder) -> None:
    """Whoever reads the authority's key can sign for every phone."""
    made(tls, NAME)

    modes = {file.name: file.stat().st_mode & 0o777 for file in tls.folder.iterdir()}

    assert modes == {"ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o644, "server.key": 0o600}


def test_nothing_is_overwritten_unless_told(tls: TlsFolder) -> None:
    """An authority that phones have installed is lost for good otherwise."""
    made(tls, NAME)
    before = {file: file.read_bytes() for file in tls.folder.iterdir()}

    with pytest.raises(SettingsError, match="renew it with --again"):
        made(tls, NAME)

    assert {file: file.read_bytes() for file in tls.folder.iterdir()} == before


def test_a_renewal_keeps_the_names_and_the_authority(tls: TlsFolder) -> None:
    """No walk to the phones."""
    made(tls, NAME, read_name("192.168.1.10"))
    authority, server = tls.authority_file.read_bytes(), tls.server_file.read_bytes()

    told = made(tls, again=True, now=NOW + datetime.timedelta(days=90))

    assert told.names == (NAME, read_name("192.168.1.10"), *HERE) or set(told.names) == {
        NAME,
        read_name("192.168.1.10"),
        *HERE,
    }
    assert told.ends == NOW + datetime.timedelta(days=189)
    assert tls.authority_file.read_bytes() == authority
    assert tls.server_file.read_bytes() != server


def test_a_name_beyond_the_authority_needs_another_one(tls: TlsFolder) -> None:
    """Said before anything is changed."""
    made(tls, NAME)
    before = tls.server_file.read_bytes()

    with pytest.raises(SettingsError, match=r"was not made for new\.example\.org.*new-authority"):
        made(tls, "new.example.org", again=True)
    assert tls.server_file.read_bytes() == before

    told = made(tls, "new.example.org", again=True, new_authority=True)
    assert "new.example.org" in told.names


def test_a_key_that_was_moved_away_is_asked_for(tls: TlsFolder) -> None:
    """As it should be: it is needed once a year."""
    made(tls, NAME)
    tls.authority_key_file.unlink()

    with pytest.raises(SettingsError, match="put the authority's key back"):
        made(tls, again=True)


def test_an_authority_that_ends_before_its_certificate_is_told(tls: TlsFolder) -> None:
    """Ten years later."""
    made(tls, NAME)

    with pytest.raises(SettingsError, match=r"ends on 2036-\d\d-\d\d"):
        made(tls, again=True, now=NOW + datetime.timedelta(days=3600))


def test_what_is_no_authority_is_told(tls: TlsFolder) -> None:
    """A file that somebody put there."""
    made(tls, NAME)
    tls.authority_file.write_text("no certificate")

    with pytest.raises(SettingsError, match="is no authority"):
        made(tls, again=True)


@pytest.mark.parametrize("days", [0, 826])
def test_a_span_that_phones_refuse_is_refused(tls: TlsFolder, days: int) -> None:
    """iOS takes 825 days at most."""
    with pytest.raises(SettingsError, match="between 1 and 825"):
        made(tls, NAME, days=days)


@pytest.mark.parametrize("name", ["", "a b", "例子.cn", "-a.cn", "1.2.3", "a" * 64, "*.cn", "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """In a sentence that says what one is."""
    with pytest.raises(SettingsError, match="no name and no address"):
        read_name(name)


def test_names_are_read_in_one_way() -> None:
    """Browsers send small letters."""
    assert read_names(["Yihu.Example.CN.", "yihu.example.cn", "::1"]) == (
        NAME,
        ipaddress.ip_address("::1"),
    )
    with pytest.raises(SettingsError, match="too many"):
        read_names([f"n{number}.cn" for number in range(51)])


def test_what_this_machine_finds_of_itself_can_stand_in_a_certificate(tls: TlsFolder) -> None:
    """Whatever it is called."""
    found = found_names()

    told = make(tls, names=(), otherwise=found, days=10, again=False, new_authority=False, now=NOW)

    assert set(found) <= set(told.names)


def test_the_command_says_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines for the settings, the page for phones, the fingerprint to compare."""
    assert main(["tls", "--data", str(tmp_path), "--name", NAME]) == 0

    told = capsys.readouterr().out
    fingerprint = read_told((tmp_path / "tls" / "ca.pem").read_bytes()).fingerprint
    assert 'mqtt_cert = "tls/server.pem"' in told
    assert f'http_names = ["{NAME}"]' in told
    assert f"https://{NAME}:8080/ca" in told
    assert fingerprint.replace(":", " ")[:23] in told
    assert main(["tls", "--data", str(tmp_path), "--name", NAME]) == 2


def test_the_lines_it_prints_are_settings_that_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied as they are."""
    main(["tls", "--data", str(tmp_path), "--name", NAME])
    lines = [each.strip() for each in capsys.readouterr().out.splitlines() if " = " in each]
    (tmp_path / "yihu.toml").write_text("\n".join(lines))

    from dispatch.settings_file import load_settings
    from dispatch.tls.showing import check_certificates

    settings = load_settings(data_dir=tmp_path)

    check_certificates(settings)
    assert settings.public_url == f"https://{NAME}:8080"
    assert settings.mqtt_port == 8883


def test_the_page_is_found_by_a_name_that_others_know() -> None:
    """Not by this machine's own."""
    told = Told(names=(*HERE, NAME), ends=NOW, fingerprint="")

    assert page_address(told, Settings(data_dir=Path())) == f"https://{NAME}:8080/ca"


@pytest.mark.parametrize(
    "lines",
    [
        'http_host = "0.0.0.0"',
        'http_host = "0.0.0.0"\nhttp_names = ["a.example"]\nmqtt_listen = "0.0.0.0"',
        'mqtt_listen = "192.168.1.10"',
        'http_host = "0.0.0.0"\ninsecure_http = true',
    ],
)
def test_it_works_with_the_settings_that_it_is_there_to_mend(
    tmp_path: Path, lines: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``yihu run`` refuses them and names this command: it must not refuse them, too."""
    (tmp_path / "yihu.toml").write_text(lines + "\n")

    status = main(["tls", f"--data={tmp_path}", f"--name={NAME}"])

    said = capsys.readouterr().out
    assert status == 0
    assert "the lines below mend that" in said
    assert f'http_names = ["{NAME}"]' in said
    assert 'mqtt_cert = "tls/server.pem"' in said
    assert (tmp_path / "tls" / "server.pem").exists()


def test_the_same_settings_start_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Passwords would go over the network for everybody to read."""
    (tmp_path / "yihu.toml").write_text('http_host = "0.0.0.0"\n')

    status = main(["run", f"--data={tmp_path}"])

    assert status == 2
    assert "there is no certificate" in capsys.readouterr().err
