"""Which indexes a table has, and which columns can have a B-tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.types.column_type import ColumnType, Kind

_UNORDERED = frozenset({Kind.BOOL, Kind.JSON, Kind.ARRAY, Kind.BINARY})


@dataclass(frozen=True, slots=True)
class Index:
    """An index on the column `column_id`. `record` is that column for a B-tree, else the column of the embeddings."""

    name: str
    column_id: int
    record: ColumnRecord
    is_btree: bool


def indexes_of(schema: Schema, *, inherited: bool = False) -> list[Index]:
    """All indexes of a table; of a view its own ones, or those that it inherits."""
    found = []
    for column in schema.inherited if inherited else schema.columns:
        if column.btree is not None:
            found.append(Index(column.btree, column.id, column, True))
        if column.embedding is not None:
            found.append(Index(column.embedding.index_name, column.embedding.column_id, column, False))
    return found


def is_indexable(type_: ColumnType, is_computed: bool) -> bool:
    """Whether a column can have a B-tree index."""
    return type_.kind not in _UNORDERED and not (type_.is_media and is_computed)


def free_index_name(taken: Iterable[str]) -> str:
    """The first of `idx0`, `idx1`, … that is not taken."""
    names = set(taken)
    number = 0
    while f'idx{number}' in names:
        number += 1
    return f'idx{number}'


def with_default_indexes(schema: Schema, columns: Iterable[ColumnRecord]) -> list[ColumnRecord]:
    """New columns of a table; if it has default indexes, each with a B-tree if it can have one."""
    if not schema.table.has_default_indexes:
        return list(columns)
    names = {index.name for index in indexes_of(schema)}
    indexed = []
    for column in columns:
        if column.btree is None and is_indexable(column.type, column.is_computed):
            column = dataclasses.replace(column, btree=free_index_name(names))
            names.add(column.btree or '')
        indexed.append(column)
    return indexed
