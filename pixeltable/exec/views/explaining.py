"""How a view follows its bases, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pixeltable.catalog.records import Schema
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.merging import is_mergeable
from pixeltable.exec.views.recipe import Recipe

_PAIRS = 'incremental: the rows are made again that have a changed row in them'
_FIRST = 'recomputes the rows of each row of {first} that changed, or that is or was joined with a changed row'
_ADDED = 'incremental for inserts, which are added to the groups; else recomputes the groups in which changed rows are or were'
_GROUPS = 'recomputes the groups in which changed rows are or were'
_WINDOW = 'incremental, among the rows of the view and those that changed; recomputes all when a row of the view goes or moves'
_WHOLE = 'recomputes the whole query, and writes what differs'


def how_it_follows(engine: Engine, schema: Schema) -> Iterator[str]:
    """A line for each table that a view is of; none for a table, and for a snapshot."""
    view = schema.table.view
    if view is None or view.at is not None:
        return
    if schema.base is not None:
        yield f'follows    {schema.base.table.path}: incremental: only rows that changed are tested and computed'
        return
    recipe = Recipe.of(engine, schema)
    tables = {table_id: engine.source(table_id) for table_id in view.sources}
    way = recipe.way(tables)
    for source in tables.values():
        how = {
            'pairs': _PAIRS,
            'first': _FIRST.format(
                first=', '.join(tables[table_id].schema.table.path for table_id in recipe.tables[:1])
            ),
            'groups': _ADDED if is_mergeable(recipe) else _GROUPS,
            'window': _WINDOW,
            'whole': _WHOLE,
        }[way]
        yield f'follows    {source.schema.table.path}: {how}'
