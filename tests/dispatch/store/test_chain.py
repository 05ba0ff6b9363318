"""The chain is computed as its docstring tells a stranger to."""

import hashlib

from dispatch.store.chain import EMPTY, GENESIS, Tail, next_tail


def test_a_stranger_computes_the_same_hash_by_hand() -> None:
    """What only our own program can check proves nothing to a court."""
    tail = next_tail(EMPTY, t=5, community="xizi", name="UnitSignedOn", body='{"unit":"r1"}')

    genesis = hashlib.sha256(b"yihu journal 1").hexdigest()
    by_hand = f'{genesis}\n1\n5\nxizi\nUnitSignedOn\n{{"unit":"r1"}}'.encode()
    assert genesis == GENESIS
    assert (tail.seq, tail.hash) == (1, hashlib.sha256(by_hand).hexdigest())


def test_every_part_and_the_past_are_covered() -> None:
    def hash_of(
        before: Tail = EMPTY, t: int = 5, community: str = "xizi", name: str = "A", body: str = "{}"
    ) -> str:
        return next_tail(before, t=t, community=community, name=name, body=body).hash

    hashes = [
        hash_of(),
        hash_of(t=6),
        hash_of(community="xizj"),
        hash_of(name="B"),
        hash_of(body="{ }"),
        hash_of(before=Tail(1, GENESIS)),
        hash_of(before=Tail(0, hash_of())),
    ]

    assert len(set(hashes)) == len(hashes)
