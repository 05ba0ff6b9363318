"""Who looks is noted for everybody who is looked at, however many they are."""

import itertools

from console.login.looks import UNITS_MAX, Looks
from console.login.who import Who
from dispatch.access.facts import Looked, LookedAt
from dispatch.access.requests import ThisMachine
from dispatch.ids import UnitId
from tests.console.login.place import Place
from tests.console.samples import FIRST


async def test_everybody_in_a_big_file_can_see_who_looked(place: Place) -> None:
    """The two hundred and first has the same right as the first."""
    units = [UnitId(f"u{number:04}") for number in range(UNITS_MAX * 2 + 1)]
    looks = Looks(place.login.books)

    looks.paper(Who(actor=ThisMachine()), LookedAt.FILE, FIRST, [*units, units[0]])

    told = [each for each in await place.facts("Looked") if isinstance(each, Looked)]
    assert sorted(itertools.chain.from_iterable(each.units for each in told)) == units
    assert max(len(each.units) for each in told) == UNITS_MAX
    assert {each.about for each in told} == {FIRST}


async def test_a_sheet_without_tracks_is_noted_once(place: Place) -> None:
    """Somebody took it all the same."""
    Looks(place.login.books).paper(Who(actor=ThisMachine()), LookedAt.SHEET, FIRST, [])

    [told] = await place.facts("Looked")
    assert (told.units, told.about) == ((), FIRST)
