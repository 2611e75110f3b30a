"""Makes the tables of models, and changes those that exist."""

from __future__ import annotations

from typing import Any

from pixeltable.api.models.binding import Model
from pixeltable.api.models.columns import BtreeIndex
from pixeltable.api.models.differences import SchemaChangeOp, TableDiff, column_name
from pixeltable.api.paths import drop_table
from pixeltable.api.table import Table
from pixeltable.api.tables import create_table
from pixeltable.api.views import create_view

_OPTIONS = ('stored', 'destination', 'format', 'quality', 'comment', 'custom_metadata')
"""Of computed columns."""


def create(model: Model, directory: str) -> None:
    """Creates the table of a model and binds it. If anything fails, there is no table."""
    path = model.path(directory)
    computed = [name for name, column in model.columns.items() if column.value is not None and not column.primary_key]
    plain = {name: column.options() for name, column in model.columns.items() if name not in computed}
    if model.base is None:
        table = create_table(path, plain, **model.options)
    else:
        base, iterator = model.translated(model.base), model.translated(model.iterator)
        table = create_view(path, base, additional_columns=plain or None, iterator=iterator, **model.options)
    model.bind(table, directory)
    try:
        for name in computed:
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


def update(model: Model, diff: TableDiff, done: list[str]) -> None:
    """Makes its table what the model says, one commit a difference; what cannot be done is not among the differences.

    Adds to `done` what each has changed, in words.
    """
    table = model.bound()
    for op in _of(diff, 'index', 'drop'):
        table.drop_index(idx_name=op.name)
        done.append(f'index {op.name!r} of {diff.path!r} was dropped')
    for op in _of(diff, 'column', 'add', 'alter'):
        if op.op == 'alter':
            value = model.translated(model.columns[op.name].value)
            table.alter_computed_column(recompute=False, **{op.name: value})
        elif model.columns[op.name].value is None:
            table.add_columns({op.name: model.columns[op.name].options()})
        else:
            _add_computed(model, table, op.name)
        done.append(f'column {op.name!r} of {diff.path!r} was {"altered" if op.op == "alter" else "added"}')
    for name in _in_droppable_order(table, [op.name for op in _of(diff, 'column', 'drop')]):
        table.drop_column(name)
        done.append(f'column {name!r} of {diff.path!r} was dropped')
    added = {op.name for op in _of(diff, 'index', 'add')}
    for index in model.indexes:
        if column_name(index) in added and _add_index(table, index):
            done.append(f'an index on column {column_name(index)!r} of {diff.path!r} was added')


def _of(diff: TableDiff, target: str, *verbs: str) -> list[SchemaChangeOp]:
    return [op for op in diff.ops if op.target == target and op.op in verbs]


def _add_computed(model: Model, table: Table, name: str) -> None:
    options = model.columns[name].options()
    value = model.translated(options.pop('value'))
    known = {key: options[key] for key in _OPTIONS if key in options}
    table.add_computed_column(**known, **{name: value})


def _add_index(table: Table, index: Any) -> bool:
    """False if there is nothing to do: `has_default_idxs` gives columns B-trees by itself."""
    name = column_name(index)
    if isinstance(index, BtreeIndex):
        column = table._schema().find(name)
        if column is not None and column.btree is not None:
            return False
        table.add_btree_index(name)
    else:
        table.add_embedding_index(name, **index.options())
    return True


def _in_droppable_order(table: Table, names: list[str]) -> list[str]:
    """Columns that are to go, those first that are computed from others of them."""
    columns, left, order = table.get_metadata()['columns'], list(names), list[str]()
    while left:
        inputs = {name for each in left for _, name in columns[each]['depends_on'] or ()}
        order.append(next((name for name in left if name not in inputs), left[0]))
        left.remove(order[-1])
    return order
