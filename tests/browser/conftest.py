"""A browser, a console to look at, and an operator who sits down at it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from console.api import STATIC_DIR
from tests.browser.stage import Stage, staged
from tests.system import PASSWORD

OPERATOR = "调度一席"
FLAGS = ["--no-sandbox", "--disable-gpu"]
"""CI has no user namespaces and no GPU; the second also keeps canvas fast there."""
EXPECT_MS = 8_000.0
"""Two busy cores: nothing here is timed, only waited for."""

COUNT_TONES = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) {
    window.tones.push(this.frequency.value);
    return start.apply(this, args);
  };
"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skipped plainly where there is none.

    It ends with this folder's tests: as long as Playwright's own loop runs, no
    asynchronous test can.
    """
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed (apt install chromium)")
    if not (STATIC_DIR / "index.html").is_file():
        pytest.skip("the page is not built (make page)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Faults:
    """What a page complained of, which no test may pass over."""

    said: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Pieces of complaints that a test means to cause."""

    def hear(self, message: ConsoleMessage) -> None:
        """A line of the browser's console."""
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    @property
    def unexpected(self) -> list[str]:
        """Those that the test did not mean."""
        return [line for line in self.said if not any(piece in line for piece in self.expected)]


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Errors of the page, its content security policy included, fail the test."""
    faults = Faults()
    yield faults
    assert faults.unexpected == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, 1600 x 900, that remembers nothing of other tests."""
    context = browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
    context.set_default_timeout(EXPECT_MS)
    context.add_init_script(COUNT_TONES)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, faults: Faults) -> Page:
    """A window."""
    page = context.new_page()
    page.on("console", faults.hear)
    page.on("pageerror", lambda error: faults.said.append(str(error)))
    return page


@pytest.fixture
def stage(tmp_path: Path, browser: Browser) -> Iterator[Stage]:
    """The demo community's hub and server; the test is its radios."""
    with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
def desk(page: Page, stage: Stage) -> Page:
    """The page with an operator on shift."""
    start_shift(page, stage)
    return page


class Server(Protocol):
    """What an operator sits down at: a stage, or a whole Yihu."""

    @property
    def url(self) -> str:
        """The page."""
        ...

    def let_in(self, name: str) -> None:
        """Open an account with the password of all tests."""
        ...


def start_shift(page: Page, server: Server, operator: str = OPERATOR) -> None:
    """Open the page, log in, and wait for the first picture."""
    server.let_in(operator)
    page.goto(server.url)
    log_in(page, operator)
    page.get_by_text("已连接").wait_for()


def log_in(page: Page, operator: str = OPERATOR, password: str = PASSWORD) -> None:
    """Fill in the form that stands there."""
    page.locator("input[name=operator]").fill(operator)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
