"""Primary keys: no two live rows of a table have the same values in the key columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import ContentsPass, RequirementFailed
from pixeltable.catalog.records import ColumnRecord, Contents, Schema, Segment
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import field_name
from pixeltable.storage.key_filters import Wanted
from pixeltable.storage.key_hashes import Hashes
from pixeltable.storage.ranges import Ranges
from pixeltable.storage.row_keys import KeySet, RowKeys
from pixeltable.types.arrow import decode


def keys_of(schema: Schema, rows: pa.Table) -> RowKeys | None:
    """The primary keys of rows, a table of fields; None if the table has no primary key."""
    if not schema.table.primary_key:
        return None
    return RowKeys.of(schema.key, [rows.column(field_name(column.id)) for column in schema.key])


def positions_of(source: Source, keys: RowKeys) -> Positions:
    """The position of the live row that has each of `keys`, none of which is given twice; -1 where there is none."""
    key, known, wanted = source.schema.key, source.store.keys, Wanted(keys.set())
    found: dict[tuple[Any, ...], int] = {}
    for index, segment in enumerate(source.contents.segments):
        hits, ranges = known.among(segment, key, wanted)
        if len(hits):
            first = int(source.offsets[index])
            found.update((each, first + row) for each, row in known.find(segment, key, keys.having(hits), ranges))
    return np.array([found.get(each, -1) for each in keys.exact()], np.int64)


def key_text(key: Sequence[ColumnRecord], columns: Sequence[pa.ChunkedArray], row: int, zone: tzinfo) -> str:
    """The key of a row, for a message: `a = 1, b = 'x'`."""
    values = (decode(column.slice(row, 1), each.type, zone)[0] for each, column in zip(key, columns, strict=True))
    return ', '.join(f'{each.name} = {value!r}' for each, value in zip(key, values, strict=True))


class KeyCheck:
    """Whether the keys of new rows are free: each occurs once among them, and in no live row of the table.

    What was found out about a segment stays true, so that a second attempt looks only at what came meanwhile. The commit itself
    looks at what came after that: writers of different keys do not stop each other.
    """

    def __init__(self, new: Source, keys: KeySet, zone: tzinfo) -> None:
        """`new` has the new rows as if they were stored already, and `keys` are theirs.

        Raises CONSTRAINT_VIOLATION if two of them have the same key.
        """
        self._new = new
        self._zone = zone
        self._key = new.schema.key
        self._known = new.store.keys
        self._wanted = Wanted(keys)
        self._free: set[tuple[int, int | None]] = set()
        if len(self._wanted) < len(keys.hashes):
            ordered = np.sort(keys.hashes)
            self._refuse_repeated(ordered[1:][ordered[1:] == ordered[:-1]])

    def check(self, contents: Contents) -> ContentsPass:
        """Raises CONSTRAINT_VIOLATION if one of the keys is taken; else what the commit must require."""
        for segment in contents.segments:
            if _state(segment) not in self._free:
                hits, ranges = self._known.among(segment, self._key, self._wanted)
                if len(hits):
                    self._refuse_taken(segment, hits, ranges)
                self._free.add(_state(segment))
        return ContentsPass(contents, self._still_free)

    def free_until(self, contents: Contents) -> ContentsPass:
        """What the commit must require if it is known already that no row of `contents` has one of the keys."""
        self._free.update(map(_state, contents.segments))
        return ContentsPass(contents, self._still_free)

    def _still_free(self, contents: Contents) -> None:
        for segment in contents.segments:
            if _state(segment) in self._free:
                continue
            if not self._known.is_ready(segment, self._wanted):
                raise RequirementFailed(f'Segment {segment.id} came meanwhile, and may have the same keys')
            if len(self._known.among(segment, self._key, self._wanted)[0]):
                raise RequirementFailed(f'Segment {segment.id} came meanwhile, and has keys with the same hashes')

    def _refuse_taken(self, segment: Segment, hits: Hashes, ranges: Ranges) -> None:
        for new in self._new.contents.segments:
            keys = self._known.of(new, self._key).having(hits)
            for _, row in self._known.find(segment, self._key, keys, ranges):
                raise self._violation(f'there is a row with primary key {self._text(segment, row)} already')

    def _refuse_repeated(self, hashes: Hashes) -> None:
        counted: Counter[tuple[Any, ...]] = Counter()
        for new in self._new.contents.segments:
            counted.update(self._known.of(new, self._key).having(hashes).exact())
        twice = {each for each, count in counted.items() if count > 1}
        for new in self._new.contents.segments:
            for row, each in enumerate(self._known.of(new, self._key).exact() if twice else ()):
                if each in twice:
                    raise self._violation(f'several of the rows have the primary key {self._text(new, row)}')

    def _text(self, segment: Segment, row: int) -> str:
        return key_text(self._key, self._known.columns(segment, self._key), row, self._zone)

    def _violation(self, what: str) -> RequestError:
        return RequestError(
            ErrorCode.CONSTRAINT_VIOLATION,
            f'insert into {self._new.schema.table.path!r}: {what}; update that row, or insert other keys.',
        )


def _state(segment: Segment) -> tuple[int, int | None]:
    """What decides which live rows a segment has."""
    return segment.id, segment.deletes.id if segment.deletes else None
