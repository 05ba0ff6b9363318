"""Names that only plans, or only the gateway file, know."""

from dispatch.gateways.strangers import strangers
from dispatch.plan_files import default_book
from tests.dispatch.gateways.builders import FAR, NEAR, PHONE, SUPERVISOR, book, gateway

RADIOS = ("xizi-v01", "xizi-v02", "xizi-v09")


def test_a_file_whose_names_all_mean_somebody_has_no_strangers() -> None:
    """The built-in plans tell the supervisor."""
    assert strangers(book(gateway("sms")), [default_book()], RADIOS) == []


def test_a_person_whom_plans_tell_and_nobody_can_reach_is_named() -> None:
    """A slip of the pen would stay silent until the night when somebody should be told."""
    ways = book(gateway("sms"), contacts={NEAR: {"phone": PHONE}})

    (said,) = strangers(ways, [default_book()], RADIOS)

    assert said == "plans tell supervisor, whom gateways.toml does not know"


def test_a_number_for_a_radio_that_is_on_no_roster_is_named() -> None:
    contacts = {FAR: {"phone": PHONE}, SUPERVISOR: {"phone": PHONE}}

    (said,) = strangers(book(gateway("sms"), contacts=contacts), [default_book()], ["xizi-v03"])

    assert "radio xizi-v02, which is not on the roster; did you mean xizi-v03?" in said
