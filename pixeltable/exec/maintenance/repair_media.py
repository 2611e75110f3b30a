"""Makes stored media again that are missing or damaged, by calling what made them. So all versions that need them have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import RESTORE, DamagedMedia
from pixeltable.exec.maintenance.rebuild import LostError
from pixeltable.exec.media.saving import at
from pixeltable.exec.pipeline import computed
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import field_name
from pixeltable.media.library import folder_in
from pixeltable.plan.logical import POSITION


def remade(engine: Engine, cause: DamagedMedia) -> str:
    """What was done, in words.

    Raises LostError if nothing can make it, and an error of ours if something to make it with is missing.
    """
    source, position = _find(engine, cause)
    record = source.schema.by_id(cause.column_id)
    if record is None or not record.is_computed:
        raise LostError('It was handed over, and is nowhere else', RESTORE)
    column = engine.resolver.computed(source.schema, record)
    rows = source.fetch(input_fields(source, [column]), np.array([position]))
    # What it gives is stored there under a name that its content tells: if that is the one that is missing, it is there again.
    root, is_elsewhere, _ = cause.key.partition(folder_in('', cause.table_id))
    there = replace(column, record=at(record, root if is_elsewhere else None))
    ((table, errors),) = computed(engine.context, source.schema, iter([rows]), [there], False, 1)
    failed = errors.get(column.field, {}).get(0)
    if failed is not None:
        raise LostError(f'It cannot be computed now: {failed.errortype}: {failed.errormsg}', RESTORE)
    made = table.column(column.field)[0].as_py()
    if made != cause.key:
        raise LostError(
            'What computes it gives something else now', f'{RESTORE}, or use recompute_columns({record.name!r})'
        )
    return f'a file of column {record.name!r} was computed again'


def _find(engine: Engine, cause: DamagedMedia) -> tuple[Source, int]:
    """A row with that value, in the newest version that has one, by its position."""
    field = field_name(cause.column_id)
    for stretch in reversed(engine.catalog.readable_stretches(cause.table_id)):
        source = engine.source(cause.table_id, stretch.begin)
        if source.schema.by_id(cause.column_id) is None:
            continue
        for table in source.read([field, POSITION]):
            place = pc.index(table.column(field), cause.key).as_py()
            if place >= 0:
                return source, table.column(POSITION)[place].as_py()
    raise LostError('No value is a reference to it any more, but frames or parts of it may be')
