"""dispatch/qr.py: what is drawn can be seen where it is shown."""

import pytest

from dispatch import qr


def test_the_picture_stands_by_itself() -> None:
    """A page shows it as a picture: without its namespace every browser draws nothing."""
    drawn = qr.as_picture("https://yihu.example.cn/join#XK7QM4RTBC", module_px=5)

    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "XK7QM4RTBC" not in drawn


def test_a_pipe_gets_no_drawing(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed beside it is read by programs."""
    qr.show_in_terminal("https://yihu.example.cn/join#XK7QM4RTBC")

    assert capsys.readouterr().out == ""


def test_a_person_at_a_terminal_sees_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To be scanned from the screen."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    qr.show_in_terminal("https://yihu.example.cn/join#XK7QM4RTBC")

    assert len(capsys.readouterr().out.splitlines()) > 10
