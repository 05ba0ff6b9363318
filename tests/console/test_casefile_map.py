"""console/casefile_map.py: the ways are where they were walked, and fit on paper."""

import re
from xml.etree import ElementTree

from console.casefile_labels import Spot, box_of
from console.casefile_map import HEIGHT_MAX, MARGIN, POINTS_MAX, WAYS_MAX, WIDTH, picture
from console.casefile_words import PageTongue
from dispatch.casefile.shape import Fix, GridShape, NameDoc, TrackDoc
from dispatch.clock import SECOND

ZH = PageTongue("zh")
PLACE = (120.1, 30.2)
SVG = "{http://www.w3.org/2000/svg}"


def track(unit: str = "r1", fixes: int = 5, east: int = 0, north: int = 1_000) -> TrackDoc:
    """A straight walk from the place, so many units (e-7 degrees) a fix."""
    walked: list[Fix] = [
        (n * SECOND, 1_201_000_000 + n * east, 302_000_000 + n * north, None) for n in range(fixes)
    ]
    return TrackDoc(unit=unit, from_t=0, to_t=fixes * SECOND, fixes=walked, fixes_left_out=0)


def grid(name: str = "西子一期") -> GridShape:
    """A square of some hundred metres around the place."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    ring = [(1_201_000_000 + x * 10_000, 302_000_000 + y * 10_000) for x, y in corners]
    return GridShape(id="g1", name=NameDoc(zh=name, en=""), outline=[ring])


def points(drawn: str) -> list[list[tuple[float, float]]]:
    """The corners of every way."""
    ways = re.findall(r'<polyline points="([^"]*)"', drawn)
    return [[tuple(map(float, p.split(","))) for p in way.split(" ")] for way in ways]  # type: ignore[misc]  # two each


def test_north_is_up_and_metres_are_alike_both_ways() -> None:
    """A degree of longitude is shorter than one of latitude; on the picture metres count."""
    drawn = picture([track(east=0, north=10_000), track(east=11_570, north=0)], [], PLACE, ZH)

    [(x0, y0), *_, (_, y1)], [*_, (x2, y2)] = points(drawn)
    assert y1 < y0
    assert abs((y0 - y1) - (x2 - x0)) < 2
    assert abs(y2 - y0) < 0.2


def test_every_way_stays_within_the_margins() -> None:
    """Whatever its shape: a long street, a tower block."""
    for east, north in ((100_000, 100), (100, 100_000), (0, 0)):
        for way in points(picture([track(east=east, north=north)], [grid()], PLACE, ZH)):
            for x, y in way:
                assert MARGIN - 1 <= x <= WIDTH - MARGIN + 1
                assert 0 < y < HEIGHT_MAX


def test_a_long_track_is_drawn_with_few_corners_and_its_end() -> None:
    """Forty of them are no heavier than a photograph."""
    [way] = points(picture([track(fixes=9_001)], [], None, ZH))

    assert len(way) <= POINTS_MAX + 1
    assert way[-1][1] < way[-2][1]


def test_more_ways_than_can_be_told_apart_are_not_drawn() -> None:
    tracks = [track(f"r{n}", east=n) for n in range(WAYS_MAX + 7)]

    assert len(points(picture(tracks, [], PLACE, ZH))) == WAYS_MAX


def test_without_a_place_and_a_way_there_is_no_picture() -> None:
    """An empty frame would look like a fault."""
    assert picture([track(fixes=0)], [grid()], None, ZH) == ""


def test_it_is_whole_xml_whatever_a_grid_is_called() -> None:
    """Names come from a file that somebody wrote."""
    drawn = picture([track()], [grid('<script>"&')], PLACE, ZH)

    tree = ElementTree.fromstring(drawn)
    assert tree.tag == f"{SVG}svg"
    assert '<script>"&' in [text.text for text in tree.iter(f"{SVG}text")]
    assert tree.find(f".//{SVG}script") is None


def test_a_landmark_is_in_the_picture_with_its_name() -> None:
    """People find a place by what they know; its name stays words."""
    drawn = picture([], [], PLACE, ZH, [("<幼儿园>", (PLACE[0] + 0.01, PLACE[1]))])

    assert "&lt;幼儿园&gt;" in drawn
    [x] = re.findall(r'<rect x="([-\d.]+)"', drawn)
    assert 0 <= float(x) <= WIDTH


def test_the_name_of_the_place_lies_on_no_other_name() -> None:
    """In English it is long, and what people know stands right beside."""
    near = [
        (name, (PLACE[0] + dx * 1e-4, PLACE[1] + dy * 1e-4))
        for name, dx, dy in (
            ("Fish market", 0, -4),
            ("Garden kindergarten", 3, 1),
            ("Health centre", -3, -1),
        )
    ]
    drawn = picture([], [grid("Garden Estate I")], PLACE, PageTongue("en"), near, size=32.0)

    boxes = {}
    pattern = r'<text x="(.+?)" y="(.+?)" font-size="(.+?)".*?text-anchor="(.+?)"[^>]*>([^<]*)'
    for x, y, size, anchor, words in re.findall(pattern, drawn):
        boxes[words] = box_of(Spot(float(x), float(y), anchor), words, float(size))
    assert {"place of the incident", "Fish market", "Garden kindergarten"} <= set(boxes)
    for words, box in boxes.items():
        assert not any(box.meets(other) for name, other in boxes.items() if name != words), words
