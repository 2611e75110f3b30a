"""How a model and its table differ, and what would be done about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from pixeltable.api.metadata import ColumnMetadata, TableMetadata
from pixeltable.api.models.bases import properties, selection
from pixeltable.api.models.binding import Model
from pixeltable.api.models.columns import BtreeIndex, Column
from pixeltable.api.paths import get_table
from pixeltable.api.table import Table
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import ColumnRef

SEVERITIES = ('additive', 'destructive', 'unsupported')


@dataclass(frozen=True, slots=True)
class SchemaChangeOp:
    """One difference: `op` is `'add'`, `'drop'` or `'alter'`; `target` is `'column'`, `'index'` or `'table'`.

    `severity` is `'additive'`, `'destructive'` (something would be lost), or `'unsupported'` (it cannot be done).
    """

    name: str
    op: str
    target: str
    severity: str
    description: str


@dataclass(frozen=True, slots=True)
class TableDiff:
    """How a model and its table differ.

    `resolution` is what `update_all` would do: `'up_to_date'` (nothing), `'create'`, `'update_additive'`, `'update_destructive'`,
    or `'unsupported'`.
    """

    path: str
    model_cls: str
    kind: str
    exists: bool
    resolution: str
    ops: tuple[SchemaChangeOp, ...] = ()
    tbl_id: uuid.UUID | None = None

    def __str__(self) -> str:
        title = f'{self.kind} {self.path!r} of model {self.model_cls}'
        if self.resolution in ('up_to_date', 'create'):
            return f'{title} {"is up to date" if self.exists else "will be created"}.'
        return '\n'.join([f'{title} differs:', *(f'  {op.description} ({op.severity})' for op in self.ops)])


def diff(model: Model, directory: str) -> TableDiff:
    """How the model differs from the table in `directory`."""
    path = model.path(directory)
    table = get_table(path, if_not_exists='ignore')
    if table is None:
        ops = tuple(_op(name, 'add', 'column', 'additive', 'will be added') for name in model.columns)
        return TableDiff(path, model.cls_name, model.kind, False, 'create', ops)
    found = table.get_metadata()
    ops = (*_properties(model, found, directory), *_columns(model, found, table), *_indexes(model, found))
    worst = max((SEVERITIES.index(op.severity) for op in ops), default=-1)
    resolution = ('update_additive', 'update_destructive', 'unsupported')[worst] if ops else 'up_to_date'
    return TableDiff(path, model.cls_name, model.kind, True, resolution, ops, found['id'])


def _op(name: str, op: str, target: str, severity: str, what: str) -> SchemaChangeOp:
    return SchemaChangeOp(name, op, target, severity, f'{target} {name!r} {what}')


def _properties(model: Model, found: TableMetadata, directory: str) -> list[SchemaChangeOp]:
    options = model.options
    key = [name for name, column in model.columns.items() if column.primary_key]
    wanted: dict[str, Any] = {
        'kind': model.kind,
        'comment': options.get('comment') or None,
        'custom_metadata': options.get('custom_metadata'),
        'media_validation': options.get('media_validation') or 'on_write',
    }
    wanted |= properties(model, directory)
    if model.base is None:
        wanted |= {
            'primary_key': key or None,
            'has_default_idxs': options.get('has_default_idxs', False),
            'is_data_versioned': options.get('_is_data_versioned', True),
        }
    existing: dict[str, Any] = dict(found)
    return [
        _op(name, 'alter', 'table', 'unsupported', f'is {existing[name]!r}, and {value!r} in the model')
        for name, value in wanted.items()
        if existing[name] != value
    ]


def _columns(model: Model, found: TableMetadata, table: Table) -> list[SchemaChangeOp]:
    own = {name: column for name, column in found['columns'].items() if column['defined_in'] == found['name']}
    made_by_indexes = {column.name for column in table._schema().columns if column.embedding is not None}
    own_by_fold = {name.lower(): column for name, column in own.items() if name not in made_by_indexes}
    ops = []
    for name, column in model.columns.items():
        existing = own_by_fold.pop(name.lower(), None)
        if existing is None:
            ops.append(_op(name, 'add', 'column', 'additive', 'will be added'))
        else:
            ops += _column(model, name, column, existing)
    chosen = selection(model)
    shown = {column.lower() for column in found['columns']} - {name.lower() for name in model.columns} - made_by_indexes
    if chosen is not None and chosen != shown - {
        name for name, column in own_by_fold.items() if column['is_iterator_col']
    }:
        ops.append(_op(model.name, 'alter', 'table', 'unsupported', 'selects other columns of its base in the model'))
    implied = {name.lower() for name in model.types}
    names = [
        column['name'] for name, column in own_by_fold.items() if not column['is_iterator_col'] and name not in implied
    ]
    return ops + [_op(name, 'drop', 'column', 'destructive', 'will be dropped') for name in names]


def _column(model: Model, name: str, column: Column, existing: ColumnMetadata) -> list[SchemaChangeOp]:
    if (column.value is not None) != existing['is_computed']:
        states = ('computed', 'not computed')
        now, then = states if existing['is_computed'] else states[::-1]
        return [_op(name, 'alter', 'column', 'unsupported', f'is {now}, and {then} in the model')]
    wanted: dict[str, Any] = {'comment': column.comment or None, 'custom_metadata': column.custom_metadata}
    if column.value is None:
        wanted['type_'] = str(model.types[name])
    else:
        wanted['is_stored'] = column.stored is not False
        if model.types[name].kind.value != existing['type_'].removesuffix(' | None').partition('[')[0]:
            wanted['type_'] = str(model.types[name])
    known: dict[str, Any] = dict(existing)
    ops = [
        _op(name, 'alter', 'column', 'unsupported', f'has {key} {known[key]!r}, and {value!r} in the model')
        for key, value in wanted.items()
        if known[key] != value
    ]
    if column.value is not None and display(build.node(column.value)) != existing['computed_with']:
        what = f'is computed as {existing["computed_with"]}, and as {display(build.node(column.value))} in the model'
        ops.append(_op(name, 'alter', 'column', 'additive', what))
    return ops


def column_name(index: Any) -> str:
    """The column that an index of a model is on."""
    node = getattr(index.column, '__pxt_node__', None)
    return node.name if isinstance(node, ColumnRef) else str(index.column)


def index_key(model: Model, index: Any) -> tuple[str, ...]:
    """What tells an index of a model from others: kind and column, or the name if it has one."""
    name = getattr(index, 'name', None)
    kind = 'btree' if isinstance(index, BtreeIndex) else 'embedding'
    return (kind, column_name(index).lower()) if name is None else (kind, column_name(index).lower(), name)


def _indexes(model: Model, found: TableMetadata) -> list[SchemaChangeOp]:
    existing = dict(found['indexes'])
    ops = []
    for index in model.indexes:
        kind, column, *named = index_key(model, index)
        match = next(
            (
                name
                for name, each in existing.items()
                if each['index_type'] == kind and each['columns'][0].lower() == column and named in ([], [name])
            ),
            None,
        )
        if match is None:
            ops.append(_op(column_name(index), 'add', 'index', 'additive', f'({kind}) will be added'))
        else:
            del existing[match]
    if found['has_default_idxs']:
        existing = {name: each for name, each in existing.items() if each['index_type'] != 'btree'}
    return ops + [_op(name, 'drop', 'index', 'destructive', 'will be dropped') for name in existing]
