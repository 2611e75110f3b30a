"""Frames of films that a query asks for in any order are decoded in theirs, each film forwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.visit import walk
from pixeltable.types import buffers
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import film_order

ROWS = 1024
"""So many rows are looked at, and put in order, at once."""

Tables = Iterator[pa.Table]


def in_film_order(nodes: Sequence[Node], tables: Tables, evaluated: Callable[[Tables], Tables]) -> Tables:
    """What `evaluated` gives for `tables`, to whose rows it adds `nodes`, in the order that they have.

    Rows whose frames stand in order go through as they come. So do those for which pictures are made: they would all be in
    memory before the first can be given.
    """
    fields = {field.name: field.type.kind for node in nodes for field in walk(node) if isinstance(field, Field)}
    frames = [name for name, kind in fields.items() if kind is Kind.IMAGE]
    if not frames or any(node.type.is_media for node in nodes):
        yield from evaluated(tables)
        return
    for is_ordered, parts in groupby(_parts(tables, frames), lambda part: part[1] is None):
        if is_ordered:
            yield from evaluated(table for table, _ in parts)
            continue
        for table, order in parts:
            places = np.asarray(order)
            done = evaluated(iter([table.take(buffers.positions(places))]))
            yield pa.concat_tables(done).take(buffers.positions(np.argsort(places)))


def _parts(tables: Tables, frames: Sequence[str]) -> Iterator[tuple[pa.Table, list[int] | None]]:
    """Parts of `tables`, each with the order of the films of the first column that is not in order; None if all are."""
    for table in tables:
        for start in range(0, max(1, table.num_rows), ROWS):
            part = table.slice(start, ROWS)
            orders = (film_order(part.column(name).to_pylist()) for name in frames)
            yield part, next((order for order in orders if order is not None), None)
