"""Declared aggregates: objects that are given one row after another, for each group or for each partition of a window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from pixeltable._support.words import shown
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.context import Context
from pixeltable.exec.media.saving import Saving
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Field, Literal, Node
from pixeltable.exprs.windows import Fold
from pixeltable.plan.logical import Named
from pixeltable.plan.stages import FoldGroupsStage, FoldRowsStage
from pixeltable.types.arrow import decode, storage_type
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.nested_media import holds_media, replaced

Tables = Iterator[pa.Table]
Row = tuple[Any, ...]


def fold_groups(context: Context, stage: FoldGroupsStage, tables: Tables) -> Tables:
    """Adds the value of each aggregate over the lists of its arguments, one list for each group."""
    for table in tables:
        for output, names in zip(stage.outputs, stage.lists, strict=True):
            fold = _fold(output)
            lists = [table.column(name).combine_chunks() for name in names]
            columns = [
                [_opened(values, arg.type, context) for values in _lists(each, arg.type, context)]
                for each, arg in zip(lists, fold.args, strict=True)
            ]
            with context.operation.timings.own('aggregate', table.num_rows):
                groups = (zip(*group, strict=True) for group in zip(*columns, strict=True))
                values = [_value(fold, rows) for rows in groups]
            table = _with(context, table, output, values)
        yield table.drop_columns([name for names in stage.lists for name in names])


def fold_rows(context: Context, stage: FoldRowsStage, tables: Tables) -> Tables:
    """Adds the value of each aggregate as it is after each row of the same partition."""
    running = [_Running(_fold(output)) for output in stage.outputs]
    for table in tables:
        context.operation.cancellation.check()
        keys = _rows(table, [(name, None) for name in stage.partition], context)
        for output, state in zip(stage.outputs, running, strict=True):
            fields = [arg for arg in state.fold.args if isinstance(arg, Field)]
            given = iter(_columns(table, [(field.name, field.type) for field in fields], context))
            columns = [
                [arg.value] * table.num_rows if isinstance(arg, Literal) else _opened(next(given), arg.type, context)
                for arg in state.fold.args
            ]
            rows = zip(*columns, strict=True)
            values = [state.after(key, row) for key, row in zip(keys, rows, strict=True)]
            table = _with(context, table, output, values)
        yield table


class _Running:
    """One aggregate over rows that come partition by partition."""

    def __init__(self, fold: Fold) -> None:
        self.fold = fold
        self._key: Row | None = None
        self._state: Any = None

    def after(self, key: Row, row: Row) -> Any:
        if self._state is None or key != self._key:
            self._key, self._state = key, _called(self.fold, self.fold.function.start)
        if not _is_skipped(self.fold, row):
            _called(self.fold, self._state.update, row)
        return _called(self.fold, self._state.value)


def _value(fold: Fold, rows: Any) -> Any:
    state = _called(fold, fold.function.start)
    for row in rows:
        if not _is_skipped(fold, row):
            _called(fold, state.update, row)
    return _called(fold, state.value)


def _is_skipped(fold: Fold, row: Row) -> bool:
    return any(value is None and skips for value, skips in zip(row, fold.skips_null, strict=True))


def _called(fold: Fold, method: Callable[..., Any], row: Row = ()) -> Any:
    try:
        return method(**dict(zip(fold.names, row, strict=True))) if row else method()
    except Exception as error:
        texts = [f'{name}={shown(value)}' for name, value in zip(fold.names, row, strict=False)]
        given = f' ({", ".join(texts)})' if texts else ''
        raise cell_failure(CellError.of(error), display(fold), given) from error


def _fold(output: Named) -> Fold:
    assert isinstance(output.node, Fold)
    return output.node


def _lists(array: pa.Array, type_: ColumnType, context: Context) -> list[Sequence[Any]]:
    """The values of each list; none of a NULL, which is the list of an empty group."""
    if isinstance(array, pa.ChunkedArray):
        return [each for chunk in array.chunks for each in _lists(chunk, type_, context)]
    values = decode(array.values, type_, context.zone)
    offsets = array.offsets.to_pylist()
    valid = array.is_valid().to_pylist()
    return [values[a:b] if ok else () for a, b, ok in zip(offsets, offsets[1:], valid, strict=False)]


def _opened(values: Sequence[Any], type_: ColumnType, context: Context) -> Iterable[Any]:
    """Media are opened one after another, so that a group of any length takes the memory of one."""
    if not (type_.is_media or holds_media(type_)):
        return values
    library = context.services.library

    def opened(value: Any, kind: Kind) -> Any:
        return library.opened(value, kind) if isinstance(value, str) else value

    return (replaced(value, type_, opened) for value in values)


def _rows(table: pa.Table, fields: Sequence[tuple[str, ColumnType | None]], context: Context) -> list[Row]:
    columns = _columns(table, fields, context)
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def _columns(table: pa.Table, fields: Sequence[tuple[str, ColumnType | None]], context: Context) -> list[list[Any]]:
    """Values of fields; as they are stored where no type is given, which is enough to tell partitions apart."""
    return [
        table.column(name).to_pylist() if type_ is None else decode(table.column(name), type_, context.zone)
        for name, type_ in fields
    ]


def _with(context: Context, table: pa.Table, output: Named, values: list[Any]) -> pa.Table:
    node: Node = output.node
    vector = Vector(values)
    if node.type.is_media:
        saving = Saving(context.services.library, context.loop, None)
        context.loop.run(saving.save(vector, node.type), context.operation.cancellation)
    array = vector.to_arrow(node.type, output.name, context.zone)
    if vector.errors:
        error = vector.errors[min(vector.errors)]
        raise cell_failure(error, display(node))
    return table.append_column(pa.field(output.name, storage_type(node.type)), array)
