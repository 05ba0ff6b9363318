"""Where the real test data lies; copies nothing of it.

The data has licences of its own, so it stays outside the repository, in the
folder named by YIHU_TEST_DATA, by default ../shared/data beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """The folder of real test data; where there is none, the test is skipped and says so."""
    folder = Path(os.environ.get("YIHU_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data: {folder} is not a folder (set YIHU_TEST_DATA)")
    return folder
