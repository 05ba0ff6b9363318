"""Options that several commands share."""

import argparse
from pathlib import Path

from dispatch.settings import DATA_DIR


def add_data(parser: argparse.ArgumentParser, *, default: Path | None = DATA_DIR) -> None:
    """Where everything is kept; ``default`` None: it counts whether a folder was named."""
    parser.add_argument(
        "--data", type=Path, default=default, help=f"the data folder (default: {DATA_DIR})"
    )
    parser.add_argument("--settings", type=Path, help="a settings file (default: DATA/yihu.toml)")
    parser.add_argument("--store-url", help="PostgreSQL instead of SQLite in the data folder")
