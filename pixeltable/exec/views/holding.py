"""Which rows of a view were made from which rows of its base."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable.exec.inherited import BASE_FIELD
from pixeltable.exec.source import Source
from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field
from pixeltable.plan.logical import POSITION
from pixeltable.types import buffers
from pixeltable.types.column_type import INT

_Integers = NDArray[np.int64]


def holding(view: Source, ids: _Integers, name: str = BASE_FIELD) -> tuple[_Integers, _Integers]:
    """The positions, ascending, of the rows of a view that were made from base rows with `ids`, and these ids for each.

    `name` is the field of the view with the ids of base rows, in which NULL stands for none.
    """
    places: list[_Integers] = [np.empty(0, np.int64)]
    bases: list[_Integers] = [np.empty(0, np.int64)]
    if len(ids):
        field = Field(INT, name)
        within = (Condition(field, 'ge', (int(ids.min()),)), Condition(field, 'le', (int(ids.max()),)))
        for rows in view.read([POSITION, name], within):
            held = buffers.numbers(pc.fill_null(rows.column(name), 0))
            hit = np.isin(held, ids)
            places.append(buffers.numbers(rows.column(POSITION))[hit])
            bases.append(held[hit])
    found, owners = np.concatenate(places), np.concatenate(bases)
    order = np.argsort(found, kind='stable')
    return found[order], owners[order]
