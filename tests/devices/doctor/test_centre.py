"""devices/doctor/centre.py: what a running Yihu says of itself becomes something to do."""

from devices.doctor.centre import look_at_hub
from devices.doctor.words import say

PAGE = "https://yihu.example.cn:8080"


def test_nobody_at_a_console_is_told_with_what_to_do() -> None:
    """The log says no more than this: the remedy is to log in and leave the page open."""
    told = {
        "ready": True,
        "degraded": [
            {"what": "unattended", "why": "no operator at any console"},
            {"what": "backup", "why": "none since Monday"},
        ],
    }

    findings = list(look_at_hub(told, PAGE))

    assert [each.code for each in findings] == ["hub.ready", "hub.unattended", "hub.degraded"]
    for lang in ("zh", "en"):
        _, remedy = say(findings[1], lang)
        assert PAGE in remedy
