"""The plan book that comes with Yihu: where its file lies. docs/plans.md explains every key."""

from pathlib import Path


def default_plans_path() -> Path:
    """The built-in book; it is there in an installed wheel too."""
    return Path(__file__).with_name("default.toml")
