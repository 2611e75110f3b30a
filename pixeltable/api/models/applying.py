"""Makes the tables of models, and changes those that exist."""

from __future__ import annotations

from typing import Any

from pixeltable.api.models.binding import Model
from pixeltable.api.models.columns import BtreeIndex
from pixeltable.api.models.differences import TableDiff, column_name
from pixeltable.api.paths import drop_table, get_table
from pixeltable.api.table import Table
from pixeltable.api.tables import create_table
from pixeltable.api.views import create_view

_OPTIONS = ('stored', 'destination', 'format', 'quality', 'comment', 'custom_metadata')
"""Of computed columns."""


def create(model: Model, directory: str) -> None:
    """Creates the table of a model and binds it. If anything fails, there is no table."""
    path = model.path(directory)
    plain = {name: column.options() for name, column in model.columns.items() if column.value is None}
    if model.base is None:
        table = create_table(path, plain, **model.options)
    else:
        base, iterator = model.translated(model.base), model.translated(model.iterator)
        table = create_view(path, base, additional_columns=plain or None, iterator=iterator, **model.options)
    model.bind(table, directory)
    try:
        for name, column in model.columns.items():
            if column.value is not None:
                _add_computed(model, table, name)
        for index in model.indexes:
            _add_index(table, index)
    except BaseException:
        undo(model)
        raise


def undo(model: Model) -> None:
    """Drops the table of a model again."""
    table, model.table = model.bound(), None
    drop_table(table, force=True)


def update(model: Model, directory: str, diff: TableDiff) -> None:
    """Makes the table what the model says; what cannot be done is not among the differences."""
    table = get_table(model.path(directory))
    assert table is not None
    model.bind(table, directory)
    for op in diff.ops:
        if (op.target, op.op) == ('index', 'drop'):
            table.drop_index(idx_name=op.name)
    for op in diff.ops:
        if (op.target, op.op) == ('column', 'add'):
            if model.columns[op.name].value is None:
                table.add_columns({op.name: model.columns[op.name].options()})
            else:
                _add_computed(model, table, op.name)
        elif (op.target, op.op) == ('column', 'alter'):
            value = model.translated(model.columns[op.name].value)
            table.alter_computed_column(recompute=False, **{op.name: value})
    _drop_columns(table, [op.name for op in diff.ops if (op.target, op.op) == ('column', 'drop')])
    added = {op.name for op in diff.ops if (op.target, op.op) == ('index', 'add')}
    for index in model.indexes:
        if column_name(index) in added:
            _add_index(table, index)


def _add_computed(model: Model, table: Table, name: str) -> None:
    options = model.columns[name].options()
    value = model.translated(options.pop('value'))
    known = {key: options[key] for key in _OPTIONS if key in options}
    table.add_computed_column(**known, **{name: value})


def _add_index(table: Table, index: Any) -> None:
    if isinstance(index, BtreeIndex):
        table.add_btree_index(column_name(index), if_exists='ignore')
    else:
        table.add_embedding_index(column_name(index), **index.options(), if_exists='ignore')


def _drop_columns(table: Table, names: list[str]) -> None:
    """Drops columns, those first that are computed from others of them."""
    left = list(names)
    while left:
        inputs = {name for each in left for _, name in table.get_metadata()['columns'][each]['depends_on'] or ()}
        free = next((name for name in left if name not in inputs), left[0])
        table.drop_column(free)
        left.remove(free)
