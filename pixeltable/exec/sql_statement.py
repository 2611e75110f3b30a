"""SQL that users write: DuckDB parses it, its tables get names that the engine knows, and its result our types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.relational import Relational
from pixeltable.exprs.sql_parts import quoted
from pixeltable.types.arrow import encode, storage_type
from pixeltable.types.column_type import FLOAT, INT, ColumnType, Kind
from pixeltable.types.foreign import of_arrow_type

_FUNCTIONS = frozenset(
    {'range', 'generate_series', 'unnest', 'json_each', 'json_tree', 'repeat', 'repeat_row', 'summary'}
)
"""Functions that may stand in FROM: those that read nothing from outside."""


@dataclass
class Statement:
    """A parsed SELECT. `tables` are the names it reads, each as it was written; `columns` those it may read of them, in lower
    case; None for all."""

    tree: Any
    tables: list[str] = field(default_factory=list)
    columns: set[str] | None = field(default_factory=set)

    def text(self, relational: Relational) -> str:
        """The statement over `input0`, `input1` and so on, in the order of `tables`."""
        return _scalar(relational, f'json_deserialize_sql({_literal(json.dumps(self.tree))})')


def parse(relational: Relational, sql: Any) -> Statement:
    """Raises INVALID_ARGUMENT for what is no SQL, UNSUPPORTED_OPERATION for anything but one SELECT over tables."""
    if not isinstance(sql, str):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'sql() takes a statement as text, not {sql!r:.80}.')
    tree = json.loads(_scalar(relational, f'CAST(json_serialize_sql({_literal(sql)}) AS VARCHAR)'))
    if tree['error']:
        code = ErrorCode.INVALID_ARGUMENT if tree['error_type'] == 'parser' else ErrorCode.UNSUPPORTED_OPERATION
        raise RequestError(code, f'sql({sql!r:.200}): {tree["error_message"]}')
    if len(tree['statements']) != 1:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'sql() runs one statement, not {len(tree["statements"])}.')
    statement = Statement(tree)
    ctes = {entry['key'] for node in _objects(tree) for entry in node.get('cte_map', {}).get('map', ())}
    aliases: set[str] = set()
    for node in _objects(tree):
        if node.get('type') == 'BASE_TABLE':
            _name_table(statement, node, ctes, aliases)
        elif node.get('type') == 'TABLE_FUNCTION' and node['function']['function_name'] not in _FUNCTIONS:
            name = node['function']['function_name']
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'sql(): {name}() cannot be read from; sql() reads tables of Pixeltable only.',
            )
    statement.columns = _columns(tree, aliases)
    return statement


def _name_table(statement: Statement, node: dict[str, Any], ctes: set[str], aliases: set[str]) -> None:
    path = [part for part in node['qualified_name']['path'] if part]
    if len(path) == 1 and path[0] in ctes:
        return
    name = '.'.join(path)
    if name not in statement.tables:
        statement.tables.append(name)
    node['alias'] = node['alias'] or path[-1]
    aliases.add(node['alias'].lower())
    own = f'input{statement.tables.index(name)}'
    node |= {'catalog_name': '', 'schema_name': '', 'table_name': own, 'qualified_name': {'path': [own]}}


def _columns(tree: Any, aliases: set[str]) -> set[str] | None:
    names: set[str] = set()
    for node in _objects(tree):
        if node.get('class') == 'STAR' or node.get('ref_type') in ('NATURAL', 'POSITIONAL'):
            return None
        if node.get('class') == 'COLUMN_REF':
            names.update(name.lower() for name in node['column_names'])
        names.update(name.lower() for name in node.get('using_columns') or () if isinstance(name, str))
        if isinstance(node.get('column_name_alias'), list) and node['column_name_alias']:
            return None
    return None if names & aliases and _has_bare(tree, aliases) else names


def _has_bare(tree: Any, aliases: set[str]) -> bool:
    """Whether a whole row is read, by the name of its table."""
    return any(
        node.get('class') == 'COLUMN_REF'
        and len(node['column_names']) == 1
        and node['column_names'][0].lower() in aliases
        for node in _objects(tree)
    )


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _objects(child)


def _scalar(relational: Relational, expression: str) -> str:
    (batch,) = relational.run(f'SELECT {expression} AS value FROM input', [pa.table({'one': [1]})])
    value: str = batch.column(0)[0].as_py()
    return value


def _literal(text: str) -> str:
    found = quoted(text)
    if found is None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'sql(): a character of {text!r:.80} can be in no statement.')
    return found


def typed(batches: Sequence[pa.RecordBatch]) -> tuple[pa.Table, dict[str, ColumnType]]:
    """The result in our types; columns that share a name get `_1`, `_2`. Raises UNSUPPORTED_OPERATION for types that we lack."""
    found = pa.Table.from_batches(batches)
    arrays, types = [], dict[str, ColumnType]()
    for index, column in enumerate(found.schema):
        type_ = of_arrow_type(column.type)
        if type_ is None:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'sql(): column {column.name!r} is of the type {column.type}, which no column can have; convert it, as in '
                f'CAST({column.name} AS VARCHAR).',
            )
        values = found.column(index)
        if pa.types.is_decimal(column.type) and column.type.scale == 0 and _fits(values):
            type_ = INT
        array = _stored(values, type_)
        name, suffix = column.name, 0
        while name in types:
            suffix += 1
            name = f'{column.name}_{suffix}'
        types[name] = type_.with_nullable(True)
        arrays.append(array)
    schema = pa.schema([(name, storage_type(type_)) for name, type_ in types.items()])
    return pa.Table.from_arrays(arrays, schema=schema), types


def _fits(values: pa.ChunkedArray) -> bool:
    """Whether whole numbers that DuckDB gives as decimals fit into 64 bits."""
    limits = pc.min_max(values).as_py()
    return limits['min'] is None or (limits['min'] >= -(2**63) and limits['max'] < 2**63)


def _stored(values: pa.ChunkedArray, type_: ColumnType) -> pa.ChunkedArray | pa.Array:
    if type_.kind is Kind.JSON:
        return encode(values.to_pylist(), type_.with_nullable(True))
    if type_.kind is FLOAT.kind and pa.types.is_null(values.type):
        return pa.nulls(len(values), storage_type(type_))
    return values.cast(storage_type(type_))
