"""What columns of views come from: the table that they belong to, and the iterator that fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixeltable.catalog.views import LEVEL
from pixeltable.errors import Error
from pixeltable.iterators.function import IteratorFunction

if TYPE_CHECKING:
    from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
    from pixeltable.exec.engine import Engine


def owner(schema: Schema, column: ColumnRecord) -> TableRecord:
    """The table that a column belongs to: this one, or one that it is a view of."""
    return _level(schema, column)[0].table


def defined_in(schema: Schema, column: ColumnRecord) -> str:
    """The name of the table that a column belongs to."""
    return owner(schema, column).path.rpartition('/')[2]


def is_reference(engine: Engine, schema: Schema, column: ColumnRecord) -> bool:
    """Whether it holds parts of what an iterator was given, such as frames: of these the places are stored, and no pictures."""
    below, column_id = _level(schema, column)
    document = None if below.table.view is None else below.table.view.iterator
    if document is None or column_id not in document['columns']:
        return False
    try:
        function = getattr(engine.resolver.decode(below, document['call']), 'function', None)
    except Error:
        return False  # a function that is gone was the user's
    names = document.get('names')
    name = names[document['columns'].index(column_id)] if names else column.name
    return isinstance(function, IteratorFunction) and name in function.references


def _level(schema: Schema, column: ColumnRecord) -> tuple[Schema, int]:
    """The schema of the table that a column belongs to, and the column's id there."""
    below, column_id = schema, column.id
    while column_id >= LEVEL and below.base is not None:
        below, column_id = below.base, column_id - LEVEL
    return below, column_id
