"""What a step still lacks, given who comes."""

from dispatch.need import lacking
from dispatch.plan import Need
from dispatch.rules.call import Lack
from dispatch.words import Role

VOLUNTEERS = Need(count=2, role=Role.VOLUNTEER)
DOCTOR = Need(count=1, skill="medical")
ANYBODY = Need(count=1)

PLAIN = (Role.VOLUNTEER, ())
TRAINED = (Role.VOLUNTEER, ("medical",))
GUARD = (Role.GUARD, ())


def counts(lacks: tuple[Lack, ...]) -> dict[str, int]:
    """By the need's label, in the order in which people are looked for."""
    return {each.need.label: each.count for each in lacks}


def test_with_nobody_coming_everything_is_lacking_skills_first() -> None:
    """So that a doctor is not used up as a pair of hands."""
    assert list(counts(lacking((ANYBODY, VOLUNTEERS, DOCTOR), ())).items()) == [
        ("any+medical", 1),
        ("volunteer", 2),
        ("any", 1),
    ]


def test_each_who_comes_counts_once() -> None:
    """One doctor is no doctor and volunteer in one."""
    assert counts(lacking((DOCTOR, VOLUNTEERS), [TRAINED])) == {"volunteer": 2}


def test_a_second_doctor_counts_as_a_volunteer() -> None:
    """The skill is met; hands are still wanted."""
    assert counts(lacking((DOCTOR, VOLUNTEERS), [TRAINED, TRAINED])) == {"volunteer": 1}


def test_who_fits_nothing_fills_nothing() -> None:
    """A guard is no volunteer, but he is somebody."""
    assert counts(lacking((VOLUNTEERS,), [GUARD])) == {"volunteer": 2}
    assert counts(lacking((VOLUNTEERS, ANYBODY), [GUARD])) == {"volunteer": 2}


def test_more_than_enough_is_nothing_lacking() -> None:
    """And nothing below nothing."""
    assert lacking((VOLUNTEERS,), [PLAIN] * 5) == ()
