"""Only whom an order would reach is called."""

from dispatch.rules.reachable import reachable
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, seen


def test_a_radio_that_is_away_is_not_called() -> None:
    """Its silence would cost the others' seconds."""
    assert reachable(a_call(), seen(online=False)) is Verdict.OFFLINE
    assert reachable(a_call(), seen()) is None
