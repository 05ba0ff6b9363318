"""The demo community, a made-up neighbourhood to try Yihu on: where its files lie.

Ten grids round named places, thirty patrol volunteers in threes, two police
officers, four guards. Streets, houses, names and call signs are invented, and no
person is named. The ground is near 112.93 E, 28.20 N and shows nothing that
stands there.
"""

from pathlib import Path


def demo_community_path() -> Path:
    """The community file; its grids and streets lie beside it, also in an installed wheel."""
    return Path(__file__).with_name("community.toml")
