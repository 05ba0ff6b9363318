"""console/casefile_labels.py: no name on the sketch lies on another, and none is cut off."""

from hypothesis import given
from hypothesis import strategies as st

from console.casefile_labels import Room, Spot, box_of

SIZE = 20.0

names = st.text(alphabet="西子幼儿园 abcW1", min_size=1, max_size=12)
spots = st.lists(
    st.builds(
        Spot,
        x=st.floats(-50, 450),
        y=st.floats(-50, 350),
        anchor=st.sampled_from(["start", "middle", "end"]),
    ),
    min_size=1,
    max_size=4,
)


@given(st.lists(st.tuples(names, spots), max_size=20))
def test_what_is_placed_lies_on_nothing_and_is_whole(asked: list[tuple[str, list[Spot]]]) -> None:
    room = Room(400, 300)

    placed = []
    for words, wanted in asked:
        spot = room.find(wanted, words, SIZE)
        if spot is not None:
            assert spot in wanted
            placed.append(box_of(spot, words, SIZE))

    for n, box in enumerate(placed):
        assert 0 <= box.left < box.right <= 400
        assert 0 <= box.top < box.bottom <= 300
        assert not any(box.meets(other) for other in placed[:n])


def test_the_second_best_spot_is_taken_where_the_best_is_not_free() -> None:
    room = Room(400, 300)
    best, other = Spot(100, 100), Spot(100, 200)

    assert room.find([best, other], "Market", SIZE) == best
    assert room.find([best, other], "Market", SIZE) == other
    assert room.find([best, other], "Market", SIZE) is None


def test_a_chinese_letter_is_a_square() -> None:
    box = box_of(Spot(0, 0), "鱼市", SIZE)

    assert box.right - box.left == 2 * SIZE
