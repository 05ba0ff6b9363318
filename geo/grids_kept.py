"""Grids that were read and found in order, as a few bytes for the next start. Checks nothing.

    reading and checking a community's file    4 ms
    taking up what was kept of it              1 ms

Polygons stand as WKB (OGC 06-103r4, 8.2), which keeps every coordinate as it is. Whoever keeps
the bytes sees to it that they are those of the same file, read by the same code.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec
import numpy as np
import shapely

from geo.gridset import Grid, GridSet, KeyUnit, Level


class _Grid(msgspec.Struct, array_like=True):
    """A grid, but for its polygon."""

    id: str
    name: str
    level: Level
    klass: str
    key_units: tuple[KeyUnit, ...]
    name_en: str


class _Set(msgspec.Struct, array_like=True):
    grids: list[_Grid]
    polygons: list[bytes]


def pack_grids(sets: Iterable[GridSet]) -> bytes:
    """All of them, in order."""
    return _ENCODER.encode([_packed(each) for each in sets])


def unpack_grids(data: bytes) -> list[GridSet]:
    """What ``pack_grids`` gave. Raises ValueError, msgspec.MsgspecError for anything else."""
    sets = _DECODER.decode(data)
    try:
        # at once: a call for each polygon would take as long as what it does
        polygons = iter(shapely.from_wkb([wkb for each in sets for wkb in each.polygons]))
    except shapely.errors.GEOSException as exc:
        raise ValueError(f"a polygon is damaged: {exc}") from exc
    return [
        GridSet(
            Grid(
                id=grid.id,
                name=grid.name,
                level=grid.level,
                klass=grid.klass,
                polygon=polygon,
                key_units=grid.key_units,
                name_en=grid.name_en,
            )
            for grid, polygon in zip(each.grids, islice(polygons, len(each.polygons)), strict=True)
        )
        for each in sets
    ]


def _packed(grids: GridSet) -> _Set:
    return _Set(
        grids=[
            _Grid(
                id=grid.id,
                name=grid.name,
                level=grid.level,
                klass=grid.klass,
                key_units=grid.key_units,
                name_en=grid.name_en,
            )
            for grid in grids.grids
        ],
        polygons=list(shapely.to_wkb(np.array([grid.polygon for grid in grids.grids]))),
    )


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[_Set])
