"""The history of positions: columns of whole numbers, packed in blocks, a day apart from a day.

    columns, block   fixes as numbers, and as bytes          pure
    schema, shelf    a day's tables, and where days lie
    names, scribe    what came is written as it came
    plan, tend       in the background it is put in order
    reading, erase   tracks, areas, last fixes; forgetting
    rows_v1          what an older version wrote
    writer           the one thread that does all writing

Why so: docs/decisions/0006-history-in-columns.md.
"""

from dispatch.store.history.reading import HistoryReader
from dispatch.store.history.rows_v1 import RowsV1, prepare
from dispatch.store.history.shelf import DayFolder, DayTablesInOne, Shelf
from dispatch.store.history.writer import GATHER_S, HistoryWriter

__all__ = [
    "GATHER_S",
    "DayFolder",
    "DayTablesInOne",
    "HistoryReader",
    "HistoryWriter",
    "RowsV1",
    "Shelf",
    "prepare",
]
