"""Evaluates bound expressions over a batch in Python. `relational` is the other way; both give the same values."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from pixeltable._support.words import shown
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.calls.call import call
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.choosing import choose
from pixeltable.exec.each import for_each
from pixeltable.exec.media.arguments import MediaArguments
from pixeltable.exec.media.loading import Loading
from pixeltable.exec.scalar import row_function
from pixeltable.exec.scalar_comparisons import localized
from pixeltable.exec.vectors import CellError, Vector, stored_errors
from pixeltable.exprs.bind import column_of, fields
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import (
    Aggregate,
    Call,
    CellProperty,
    ColumnRef,
    Element,
    Field,
    ForEach,
    InZone,
    Literal,
    Node,
    Operation,
    Similarity,
)
from pixeltable.exprs.visit import children, walk
from pixeltable.index.metrics import similarities
from pixeltable.media.references import local_path
from pixeltable.types import buffers
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import Kind
from pixeltable.udf.function import Function


class Evaluation:
    """One batch. Common sub-expressions are computed once; independent function calls run concurrently."""

    def __init__(
        self,
        batch: pa.Table,
        zone: tzinfo,
        calls: Calls,
        errors: Mapping[str, dict[int, CellError]] | None = None,
        owners: Mapping[Node, str] | None = None,
        *,
        passes_errors: bool = True,
    ) -> None:
        self._batch = batch
        self._errors = errors or {}
        self._zone = zone
        self._calls = calls
        self._owners = owners or {}
        self._passes_errors = passes_errors
        self._loading = Loading(calls.services.library, calls.loop)
        self._uses: Counter[Node] = Counter()
        self._done: dict[tuple[Node, tzinfo], asyncio.Task[Vector]] = {}
        self._elements: dict[int, Vector] = {}
        self._outer: tuple[Evaluation, Sequence[int], Element | None] | None = None

    @property
    def rows(self) -> int:
        return int(self._batch.num_rows)

    def of_rows(
        self, rows: Sequence[int], nodes: Sequence[Node], element: Element | None = None, items: Sequence[Any] = ()
    ) -> Evaluation:
        """The evaluation of `nodes` over some rows, in any number and order; `items` are the values of `element` there.

        What has been computed for all rows is not computed again.
        """
        inner = copy.copy(self)
        names = sorted({name for node in nodes for name in fields(node) if name in self._batch.column_names})
        names += [name for name in self._batch.column_names if name.startswith(tuple(f'{field}_' for field in names))]
        padding = pa.table({'': pa.nulls(len(rows))})
        inner._batch = self._batch.select(names).take(buffers.positions(np.asarray(rows))) if names else padding
        inner._errors = {
            name: {at: errors[row] for at, row in enumerate(rows) if row in errors}
            for name, errors in self._errors.items()
        }
        inner._done = {}
        inner._elements = {depth: _picked(vector, rows) for depth, vector in self._elements.items()}
        if element is not None:
            inner._elements[element.depth] = Vector(items)
            inner._loading = Loading(self._calls.services.library, self._calls.loop)  # which holds what was decoded
        inner._outer = (self, rows, element)
        return inner

    async def vectors(self, nodes: Sequence[Node]) -> list[Vector]:
        """The values of each node, in the order of `nodes`."""
        self._uses.update(nodes)
        calls = {node for root in nodes for node in walk(root) if isinstance(node, Call)}
        self._uses.update(argument for node in calls for argument in node.args if argument.type.is_media)
        return list(await asyncio.gather(*(self._vector(node) for node in nodes)))

    async def _vector(self, node: Node) -> Vector:
        key = node, self._zone
        if key not in self._done:
            self._done[key] = asyncio.ensure_future(self._compute(node))
        return await self._done[key]

    async def _compute(self, node: Node) -> Vector:
        if self._outer is not None:
            outer, rows, element = self._outer
            known = outer._done.get((node, self._zone))
            if known is not None and (element is None or element not in walk(node)):
                return _picked(await known, rows)
        match node:
            case Element(depth=depth):
                return self._elements[depth]
            case ForEach():
                return await for_each(self, node)
            case InZone(arg=arg, zone=zone):
                return await self._in_zone(ZoneInfo(zone))._localized(arg)
            case Operation(op='case' | 'coalesce'):
                return await choose(self, node)
            case Field():
                return self._field(node)
            case Literal(value=value):
                return Vector([value] * self._batch.num_rows)
            case Call():
                return await self._call(node)
            case Similarity(embedding=Field(name=name), query=query, metric=metric):
                scores = similarities(self._batch.column(name), query.value, metric)
                return Vector([None if score != score else score for score in scores.tolist()])
            case CellProperty(column=column, property='errortype' | 'errormsg' as part):
                found = await self._loading.checked((await self._vector(column)).values, column.type.kind)
                return Vector([None if error is None else getattr(error, part) for error in found])
            case CellProperty(column=column, property=name):
                urls = self._urls(await self._vector(column))
                return urls if name == 'fileurl' else Vector([value and local_path(value) for value in urls.values])
            case ColumnRef() | Aggregate():
                raise InternalError(ErrorCode.INTERNAL_ERROR, f'{display(node)} cannot be evaluated for a row.')
            case _:
                given = self._vector if node.type.is_media else self._shown
                arguments = [await given(child) for child in children(node)]
                return _map_rows(row_function(node, self._zone), arguments, self._batch.num_rows)

    def _in_zone(self, zone: tzinfo) -> Evaluation:
        """The same evaluation as another session would do it."""
        other = copy.copy(self)
        other._zone = zone
        return other

    async def _localized(self, node: Node) -> Vector:
        """Times without a zone are in that of this evaluation, whoever goes on with them."""
        vector = await self._vector(node)
        if node.type.kind is not Kind.TIMESTAMP:
            return vector
        return Vector([value and localized(value, self._zone) for value in vector.values], vector.errors)

    async def _shown(self, node: Node) -> Vector:
        """The values as they become part of text and Json, where media are URLs."""
        vector = await self._vector(node)
        return Vector(self._urls(vector).values, vector.errors) if node.type.is_media else vector

    def _urls(self, vector: Vector) -> Vector:
        url = self._calls.services.library.url
        return Vector([url(value) if isinstance(value, str) else value for value in vector.values])

    def _field(self, node: Field) -> Vector:
        with self._calls.operation.timings.own('decode', self._batch.num_rows):
            vector = Vector(decode(self._batch.column(node.name), node.type, self._zone))
        errors = self._errors.get(node.name)
        if errors is None and self._passes_errors:
            errors = stored_errors(self._batch, node.name)
        if errors:
            column_id, label = column_of(node.name), node.label or node.name
            vector.errors = {row: error.of_reader(column_id, label) for row, error in errors.items()}
        return vector

    def given(self, node: Node, row: int) -> str:
        """The values of the columns that `node` read in a row, for the message of its failure."""
        read = {field: task for (field, _), task in self._done.items() if isinstance(field, Field)}
        texts = []
        for field in (each for each in dict.fromkeys(walk(node)) if each in read):
            value = read[field].result().values[row]
            if field.type.is_media and isinstance(value, str):
                value = self._calls.services.library.url(value)
            texts.append(f'{field.label or field.name}={shown(value)}')
        return f' ({", ".join(texts)})' if texts else ''

    async def _call(self, node: Call) -> Vector:
        arguments = [arg if isinstance(arg, Literal) else await self._vector(arg) for arg in node.args]
        function = cast(Function, node.function).in_zone(self._zone)
        calls = self._calls.of(self._owners.get(node, ''), is_counted(node))
        shared = frozenset(place for place, arg in enumerate(node.args) if self._uses[arg] > 1)
        media = MediaArguments.of(self._loading, function, node, shared)
        return await call(function, node.names, arguments, self._batch.num_rows, node.type, calls, media)


def is_counted(node: Node) -> bool:
    """Whether a progress bar counts the calls: those of functions that only Python can run."""
    return isinstance(node, Call) and cast(Function, node.function).sql is None


def batch_rows(node: Node) -> int:
    """How many rows a call takes at once."""
    return (cast(Function, node.function).batch_size or 1) if isinstance(node, Call) else 0


def _map_rows(function: Callable[..., Any], arguments: list[Vector], rows: int) -> Vector:
    """A scalar operation row by row; a row with an error in an argument has one too."""
    errors = {row: error for argument in reversed(arguments) for row, error in argument.errors.items()}
    calls = zip(*(argument.values for argument in arguments), strict=True) if arguments else iter([()] * rows)
    values: list[Any] = []
    while True:
        try:
            for given in calls:
                values.append(function(*given))
            break
        except Exception as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
            errors.setdefault(len(values), CellError.of(error))
            values.append(None)
    for row in errors:
        values[row] = None
    return Vector(values, errors)


def _picked(vector: Vector, rows: Sequence[int]) -> Vector:
    errors = {at: vector.errors[row] for at, row in enumerate(rows) if row in vector.errors} if vector.errors else {}
    return Vector([vector.values[row] for row in rows], errors)


def raise_first_error(vectors: Sequence[Vector], nodes: Sequence[Node], first_row: int, evaluation: Evaluation) -> None:
    """Raises the first cell error as the query's: a select cannot hold an error in place of a value."""
    for vector, node in zip(vectors, nodes, strict=True):
        if vector.errors:
            row = min(vector.errors)
            what, given = f'row {first_row + row}: {display(node)}', evaluation.given(node, row)
            raise cell_failure(vector.errors[row], what, given) from vector.errors[row].exception
