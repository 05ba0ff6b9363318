"""How Python runs beside alarms."""

import gc
import sys
from collections.abc import Iterator

import pytest

from dispatch import garbage


@pytest.fixture
def as_before() -> Iterator[None]:
    """What is set holds for the whole process: other tests shall find it as it was."""
    thresholds, interval_s = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval_s)


@pytest.mark.usefixtures("as_before")
def test_what_stands_at_the_start_is_never_walked_again() -> None:
    """A district's state is millions of objects: a look at all of them is a pause in an alarm."""
    garbage.hold_back()
    assert not gc.isenabled()
    state = [{"unit": n} for n in range(1000)]

    garbage.settle()

    assert gc.isenabled()
    assert gc.get_freeze_count() > len(state)
    assert sys.getswitchinterval() == garbage.SWITCH_INTERVAL_S
