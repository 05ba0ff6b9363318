"""The page in front of the whole: ``yihu run`` with its broker and its simulated radios."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Faults, start_shift
from tests.system import running_yihu

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.slow]

ANSWER_MS = 60_000.0
"""A wave is 30 s; of thirteen called somebody has answered within two."""
SIGN_ON_MS = 60_000.0


def test_a_red_button_is_pressed_seen_answered_and_closed(
    tmp_path: Path, page: Page, faults: Faults
) -> None:
    """The main job, from a simulated radio through the broker to the page and back."""
    # Radios answer while the operator acts: the page asks again with the newer version.
    faults.expected = ("409 (Conflict)",)
    with running_yihu(tmp_path) as system:
        start_shift(page, system)
        expect(page.get_by_text("36 / 36")).to_be_visible(timeout=SIGN_ON_MS)
        page.get_by_role("button", name="演示").click()
        page.get_by_role("button", name="按红键 西子八间").click()
        banner, card = page.locator(".banner"), page.locator("section.card")

        expect(banner).to_contain_text("西子八间")
        page.wait_for_timeout(500)  # the page itself ignores Enter for 0.4 s
        banner.get_by_role("button", name="接手").click()
        expect(banner).to_be_hidden()
        expect(card.locator("li.live").first).to_contain_text("途中", timeout=ANSWER_MS)
        expect(card).to_contain_text("报警人的对讲机已显示接手人")

        card.get_by_role("button", name="结束事件").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox").select_option("resolved")
        dialog.get_by_role("button", name="结束", exact=True).click()

        expect(card).to_contain_text("已处置")
        expect(page.get_by_text("没有待接手的报警")).to_be_visible()
