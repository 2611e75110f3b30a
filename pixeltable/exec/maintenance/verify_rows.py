"""Checks what commits see of a table: row ids, required columns, primary keys and the filters over them."""

from __future__ import annotations

import numpy as np

from pixeltable.catalog.records import Segment
from pixeltable.errors import Error
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import REPAIR, REPORT, DamagedFile, Findings
from pixeltable.exec.maintenance.verify_content import name_of
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID_FIELD
from pixeltable.storage import deletes
from pixeltable.storage.columns import verify
from pixeltable.storage.key_filters import KeyFilter
from pixeltable.storage.key_hashes import Hashes
from pixeltable.storage.places import locate
from pixeltable.types import buffers


def check_rows(engine: Engine, label: str, source: Source, found: Findings) -> None:
    """The rows of a table as one commit sees them. A file that cannot be read is passed over: it has its own problem."""
    for segment in source.contents.segments:
        held = locate(segment)
        for column in source.schema.given:
            if column.stored and not column.type.nullable and column.id not in held:
                found.problem(
                    label, f'segment {segment.id} has no values for {column.name!r}, which must have some', REPORT
                )
    try:
        _check_ids(label, source, found)
    except Error:
        return
    if source.schema.key:
        _check_keys(engine, label, source, found)


def _check_ids(label: str, source: Source, found: Findings) -> None:
    ids = np.concatenate([[0], *(buffers.numbers(table.column(0)) for table in source.read([ROW_ID_FIELD]))])
    unique, counts = np.unique(ids, return_counts=True)
    if len(unique) < len(ids):
        twice = unique[counts > 1]
        found.problem(label, f'{len(twice)} row ids are there more than once, such as {twice[0]}', REPORT)


def _check_keys(engine: Engine, label: str, source: Source, found: Findings) -> None:
    key = source.schema.key
    names = ', '.join(column.name for column in key)
    hashes = [np.empty(0, np.uint64)]
    for segment in source.contents.segments:
        try:
            columns = engine.context.store.keys.columns(segment, key)
            if any(column.null_count for column in columns):
                found.problem(label, f'segment {segment.id} has rows without a key ({names})', REPORT)
                return
            keys = engine.context.store.keys.of(segment, key)
        except Error:
            continue
        _check_filter(engine, label, segment, keys.hashes, found)
        there = slice(None) if segment.deletes is None else deletes.decode(segment.deletes.data, segment.rows)
        hashes.append(keys.hashes[there])
    joined = np.concatenate(hashes)
    double = len(joined) - len(np.unique(joined))
    if double:
        found.problem(
            label,
            f'{double} rows have the primary key ({names}) of another row',
            f'find them with group_by({names}), and delete those that are wrong',
        )


def _check_filter(engine: Engine, label: str, segment: Segment, hashes: Hashes, found: Findings) -> None:
    """A filter that misses a key would let it be inserted twice."""
    for file in segment.files:
        if not file.is_key_filter:
            continue
        try:
            data = engine.context.store.objects.get(file.path) if file.path is not None else file.data or b''
            verify(file, data)
            stored = KeyFilter.decode(data)
        except Error:
            continue  # it is damaged, which is said of the file
        bits, needed = (
            np.frombuffer(each, np.uint8) for each in (stored.blocks, KeyFilter.of(stored.key, hashes).blocks)
        )
        if len(bits) != len(needed) or np.any(needed & ~bits):
            cause = DamagedFile(segment.table_id, (file.id,))
            found.problem(label, f'it misses keys of segment {segment.id}', REPAIR, file=name_of(file), cause=cause)
