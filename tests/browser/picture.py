"""Takes the picture of the README from a running demo: an alarm, and the nearest on their way.

    yihu run                                    in one terminal
    python -m tests.browser.picture             in another

Presses the red button of a simulated radio, takes the call, waits until some are
on their way, writes ``docs/img/console.png`` and closes the incident. The demo's
people, places and call signs are made up.
"""

import argparse
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, log_in
from tests.browser.small_png import small_png

OUT: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "img" / "console.png"
WIDTH_PX, HEIGHT_PX = 1600, 900
BYTES_MAX: Final = 400_000
"""A README must open at once, also over a telephone."""
CALL_SIGN: Final = "西子一间"
"""Posted at the kindergarten."""
COMING: Final = 3
ANSWER_MS: Final = 90_000.0
"""Three waves; of a dozen called in each, a third answers within seconds."""


def take_picture(page: Page, url: str, name: str, password: str) -> bytes:
    """From sitting down to the end of the incident; gives back the picture, a PNG."""
    page.goto(url)
    log_in(page, name, password)
    page.get_by_text("已连接").wait_for()
    page.get_by_role("button", name="演示").click()
    page.get_by_placeholder("查找呼号").fill(CALL_SIGN)
    page.get_by_role("button", name=f"按红键 {CALL_SIGN}", exact=True).click()
    page.get_by_role("button", name="收起演示").click()
    page.locator(".banner").get_by_role("button", name="接手").click()
    card = page.locator("section.card")
    coming = card.locator("li.live", has_text="途中")
    expect(coming.nth(COMING - 1)).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(".notice")).to_have_count(0)
    page.mouse.move(0, 0)
    picture = page.screenshot()
    card.get_by_role("button", name="结束事件").click()
    page.get_by_role("dialog").get_by_role("combobox").select_option("resolved")
    page.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(card).to_contain_text("已处置")
    return picture


def main() -> None:
    """The picture from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.picture")
    parser.add_argument("--url", default="http://127.0.0.1:8080/", help="the running demo")
    parser.add_argument("--name", required=True, help="an operator's account")
    parser.add_argument("--password", required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    said = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("chromium is not installed (apt install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, locale="zh-CN")
        taken = take_picture(page, said.url, said.name, said.password)
        picture = small_png(browser.new_page(), taken)
        browser.close()
    said.out.parent.mkdir(parents=True, exist_ok=True)
    said.out.write_bytes(picture)
    print(f"{said.out}: {len(picture)} bytes")
    if len(picture) > BYTES_MAX:
        parser.exit(1, f"more than {BYTES_MAX} bytes: too large for a README\n")


if __name__ == "__main__":
    main()
