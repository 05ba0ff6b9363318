"""What a starting hub is given, as one board."""

from collections.abc import Iterable

from dispatch.board import Board
from dispatch.events import Event
from dispatch.fold import fold
from dispatch.store.port import Restored


def board_of(restored: Restored) -> Board:
    """The board as it was kept, with the facts after it folded in."""
    return folded(restored.facts, restored.board)


def folded(facts: Iterable[Event], board: Board | None = None) -> Board:
    """These facts, onto an empty board where none is given."""
    board = Board() if board is None else board
    for fact in facts:
        fold(board, fact)
    return board
