"""Deletes stored media that no value of any table is a reference to, in any version that is kept.

Values may have been copied to other tables, so all of them are looked through. What was written lately stays: its writer may not
have committed yet; and content that a writer gives again is written again, so that it counts as new.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow.compute as pc

from pixeltable.catalog.read.stored import StoredSegment
from pixeltable.catalog.records import ColumnRecord
from pixeltable.config.variables import is_late
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.lives import Stretches, stages
from pixeltable.exec.maintenance.orphans import Orphans
from pixeltable.media.library import folder_in
from pixeltable.media.references import stored_key
from pixeltable.storage.objects import ObjectInfo
from pixeltable.storage.read_columns import ReadColumn
from pixeltable.types import buffers
from pixeltable.types.arrow import storage_type
from pixeltable.types.nested_media import holds_media

_URL = re.compile(r'"([^"#]*/media/[^"#]*)')
"""The URL of what somebody has stored, in the text of Json."""


def destination_folders(engine: Engine, table_ids: Iterable[str]) -> set[str]:
    """What the keys of media of tables begin with in the destinations of their columns, dropped ones included."""
    folders: set[str] = set()
    for table_id in table_ids:
        declared = [each for each in engine.catalog.every_column(table_id) if each.media.destination is not None]
        late = [column for column in declared if is_late(column.media.destination or '')]
        folders |= {folder_in(column.media.destination or '', table_id) for column in declared if column not in late}
        folders |= _folders_of_values(engine, table_id, late)
    return folders


def _folders_of_values(engine: Engine, table_id: str, columns: Sequence[ColumnRecord]) -> set[str]:
    """Wherever the variables of their destinations pointed to: only the values know."""
    if not columns:
        return set()
    keys = (
        key
        for batch in engine.catalog.stored_segments(table_id)
        for stored in batch
        for _, key in _of_segment(engine, stored, columns, None)
    )
    own = folder_in('', table_id)
    return {f'{root}{own}' for root, found, _ in (key.partition(own) for key in keys) if found}


def remove_unused_media(engine: Engine, folders: Iterable[str], grace_s: float) -> Orphans:
    """Of the objects whose keys begin with one of `folders`."""
    library = engine.context.services.library
    now = time.time_ns() // 1000
    quiet_since = now - int(grace_s * 1e6)
    writing_since = engine.leases.writing_since()
    before = min(quiet_since, writing_since or quiet_since)
    found = [each for folder in folders for each in library.list(folder)]
    old = [each for each in found if each.modified * 1e6 < before]
    if not old:
        return Orphans()
    tables = engine.catalog.table_ids()
    used = {each.key for table_id in tables for each in needed(engine, table_id)}
    used |= {key for table_id in tables for key in _inside_json(engine, table_id)}
    unused = [each for each in old if each.key not in used]
    removed = [each for each in unused if _is_unchanged(engine, each)]
    library.delete(*(each.key for each in removed))
    return Orphans(len(removed), sum(each.size for each in removed))


@dataclass(frozen=True, slots=True)
class Needed:
    """What a value of a column refers to: the key of stored media, or the URL of something else."""

    key: str
    table_id: str
    column: ColumnRecord


def needed(engine: Engine, table_id: str) -> Iterator[Needed]:
    """What all rows refer to that a readable version sees, and of a table that was dropped lately all rows."""
    media = [column for column in engine.catalog.every_column(table_id) if column.type.is_media]
    yield from (Needed(key, table_id, column) for column, key in _values(engine, table_id, media))


def _inside_json(engine: Engine, table_id: str) -> Iterator[str]:
    """The same of media inside of Json, which holds their URLs."""
    columns = [column for column in engine.catalog.every_column(table_id) if holds_media(column.type)]
    for _, text in _values(engine, table_id, columns):
        yield from (key for url in _URL.findall(text) for key in (url, stored_key(url)) if key is not None)


def _values(engine: Engine, table_id: str, media: Sequence[ColumnRecord]) -> Iterator[tuple[ColumnRecord, str]]:
    if not media:
        return
    catalog = engine.catalog
    readable = catalog.readable_stretches(table_id)
    stretches = Stretches(readable) if readable else None  # only of a dropped table no version can be read
    for batch in catalog.stored_segments(table_id):
        for stored in batch:
            yield from _of_segment(engine, stored, media, stretches)


def _of_segment(
    engine: Engine, stored: StoredSegment, media: Sequence[ColumnRecord], stretches: Stretches | None
) -> Iterator[tuple[ColumnRecord, str]]:
    columns = [ReadColumn(column.id, str(column.id), storage_type(column.type)) for column in media]
    for stage in stages(stored):
        if stretches is not None and not len(stretches.between(stage.begin, stage.end)):
            continue
        segment = replace(stored.segment, id=-1, files=stage.files)  # an id below 0 is in no cache
        table = engine.context.store.read(segment, columns, keep_deleted=True, cache=False)
        if stretches is not None:
            table = table.filter(buffers.booleans(stage.live(segment.rows)))
        for column, values in zip(media, table.columns, strict=True):
            # A frame or a tile needs the whole that it is a part of.
            found = (each for each in pc.unique(values).to_pylist() if each is not None)
            yield from ((column, each.partition('#')[0] if column.type.is_media else each) for each in found)


def _is_unchanged(engine: Engine, found: ObjectInfo) -> bool:
    """Whether nobody has written it again since it was listed."""
    return found in engine.context.services.library.list(found.key)
