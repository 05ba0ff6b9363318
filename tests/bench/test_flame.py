"""A profile tells our functions as wide as their time, and neither the bench's nor foreign ones."""

import itertools
import threading
from xml.etree import ElementTree

from bench.flame import Sampler, boxes, drawing, stack_of
from bench.rig import percentile
from geo.distance import LocalPlane

SVG = "{http://www.w3.org/2000/svg}"


def test_what_runs_is_found_with_its_time() -> None:
    """Samples come by the clock, so it runs until there is one."""
    plane = LocalPlane(116.3, 39.9)
    stopping = threading.Event()
    other = threading.Thread(target=stopping.wait, name="other")
    other.start()
    with Sampler(other) as sampler:
        for _ in itertools.takewhile(lambda _: not sampler.spent("MainThread"), range(10_000_000)):
            plane.to_xy(116.31, 39.91)
    stopping.set()
    other.join()

    spent = sampler.spent("MainThread")
    assert all(stack[0].startswith("geo.distance.LocalPlane") for stack in spent)
    assert all(seconds > 0 for seconds in spent.values())
    assert sampler.spent("other") == {}, "it only waited"


def test_the_bench_is_left_out_and_a_package_is_one_box() -> None:
    """A comprehension belongs to its function."""
    ours, bench, foreign = LocalPlane.to_xy.__code__, percentile.__code__, boxes.__code__
    package = compile("0", "/venv/lib/site-packages/shapely/lib.py", "exec")

    assert stack_of([package, package, ours, bench]) == ("geo.distance.LocalPlane.to_xy", "shapely")
    assert stack_of([package, bench, foreign]) == ()


def test_boxes_are_as_wide_as_their_time() -> None:
    """Microseconds a position, each inside the one that called it."""
    root = boxes("hub's thread", {("geo.a.f",): 1e-3, ("geo.a.f", "numpy"): 3e-3}, 1_000)

    assert root.us == 4.0
    assert root.inside["geo.a.f"].us == 4.0
    assert root.inside["geo.a.f"].inside["numpy"].us == 3.0

    picture = ElementTree.fromstring(drawing([root], "a < b"))
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert titles == ["hub's thread: 4.000 µs", "geo.a.f: 4.000 µs", "numpy: 3.000 µs"]
    widths = [
        float(box.findall(f"{SVG}rect")[0].get("width", "0")) for box in picture.iter(f"{SVG}g")
    ]
    assert widths[0] == widths[1] > 1.3 * widths[2] > 0
