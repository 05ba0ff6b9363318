"""The doctor looks at the certificates that the centre shows."""

from pathlib import Path

import pytest

from devices.doctor.certificates import look_at_own_certificates
from devices.doctor.findings import Level
from devices.doctor.words import say
from dispatch.settings import Settings
from tests.dispatch.tls.certificates import now, shown


def settings(folder: Path, *, days_ago: int = 0) -> Settings:
    """With a certificate for both ports."""
    files = shown(folder, days_ago=days_ago)
    return Settings(
        data_dir=folder,
        http_cert=files.certificate,
        http_key=files.key,
        mqtt_cert=files.certificate,
        mqtt_key=files.key,
    )


@pytest.mark.parametrize(
    ("days_ago", "code", "level"),
    [
        (0, "cert.ok", Level.OK),
        (5, "cert.ok", Level.OK),
        (10, "cert.soon", Level.WARNING),
        (28, "cert.soon", Level.WARNING),
        (31, "cert.over", Level.FAILED),
    ],
)
def test_one_that_ends_soon_is_told_before(
    tmp_path: Path, days_ago: int, code: str, level: Level
) -> None:
    """Three weeks: a holiday, and a week to notice."""
    found = list(look_at_own_certificates(settings(tmp_path, days_ago=days_ago), now()))

    assert [(each.code, each.level) for each in found] == [(code, level)] * 2
    assert found[0].facts["setting"] == "http_cert"
    for tongue in ("zh", "en"):
        sentence, _ = say(found[0], tongue)
        assert "{" not in sentence


def test_one_that_cannot_be_shown_is_told(tmp_path: Path) -> None:
    """Before a restart finds it out."""
    made = settings(tmp_path)
    assert made.mqtt_key is not None
    made.mqtt_key.write_text("no key")

    found = list(look_at_own_certificates(made, now()))

    assert [each.code for each in found] == ["cert.bad", "cert.bad"]
    assert "mqtt_key" in say(found[1], "en")[0]


def test_without_any_it_says_so(tmp_path: Path) -> None:
    """Nothing to look at is no fault."""
    found = list(look_at_own_certificates(Settings(data_dir=tmp_path), now()))

    assert [each.code for each in found] == ["cert.none"]
