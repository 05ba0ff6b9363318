"""dispatch/access/permissions.py: the table, once more, so that a change of it is seen."""

from dispatch.access.permissions import RIGHTS_OF
from dispatch.access.words import Office, Right
from tests.data import REPOSITORY

EXPECTED = """
                 operator leader manager administrator auditor
see_situation    yes      yes    yes     -             -
see_track        yes      yes    yes     -             -
handle           yes      yes    -       -             -
run_drill        yes      yes    yes     -             -
export_file      yes      -      yes     -             -
print_sheet      yes      yes    yes     -             -
read_audit       -        -      -       yes           yes
manage_people    -        -      yes     yes           -
manage_radios    -        -      yes     yes           -
manage_plans     -        -      yes     yes           -
manage_settings  -        -      -       yes           -
read_tips        -        -      yes     -             -
see_metrics      -        -      -       yes           yes
use_demo         yes      -      -       yes           -
"""


def test_each_office_may_do_what_the_table_says_and_nothing_else() -> None:
    """Whoever widens what an office may do has to say so here, too."""
    head, *lines = EXPECTED.strip().splitlines()
    offices = [Office(word) for word in head.split()]
    said = {
        (office, Right(right)): cell == "yes"
        for right, *cells in (line.split() for line in lines)
        for office, cell in zip(offices, cells, strict=True)
    }

    assert {(o, r): r in RIGHTS_OF[o] for o in Office for r in Right} == said


def test_the_page_for_people_shows_the_same_table() -> None:
    """docs/access.md is what administrators read; it may not lag behind the code."""
    page = (REPOSITORY / "docs" / "access.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    offices = [Office.OPERATOR, Office.LEADER, Office.MANAGER, Office.ADMINISTRATOR, Office.AUDITOR]
    said: dict[tuple[Office, Right], bool] = {}
    for line in lines:
        what, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        for office, cell in zip(offices, cells, strict=True):
            said[office, Right(what.split("`")[1])] = cell == "yes"
    settings = Right.MANAGE_SETTINGS  # named in the line of plans: of administrators only

    assert said == {(o, r): r in RIGHTS_OF[o] for o in Office for r in Right if r is not settings}
    assert [o for o in Office if settings in RIGHTS_OF[o]] == [Office.ADMINISTRATOR]
