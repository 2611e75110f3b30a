"""Removes from the ledger what functions made of rows that are purged.

An entry holds a result, and of the arguments only a hash: so the calls that computed columns make for these rows are put together
again, with all values that the rows had, and the entries of their keys are removed, for each state that the code of the function
was in. Where that cannot be done, all entries of the function go: where it cannot be loaded, had another signature, was given
what another function made, or what may have been something else then: a file, or a time, which counts in the zone of the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.read.stored import StoredSegment
from pixeltable.catalog.records import ColumnRecord, Contents, Schema
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import Error
from pixeltable.exec.engine import Engine
from pixeltable.exec.ledger.keys import OF_FUNCTION
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.ledger.upkeep import described, is_called
from pixeltable.exec.maintenance.lives import stages
from pixeltable.exec.operators.evaluate import evaluate
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.bind import ROW_ID_FIELD, column_of, fields
from pixeltable.exprs.nodes import Aggregate, Call, Element, Field, Literal, Node, Similarity
from pixeltable.exprs.visit import walk
from pixeltable.plan.logical import Named
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import MEDIA_KINDS, Kind
from pixeltable.udf.function import Function

_UNCERTAIN = frozenset({Kind.TIMESTAMP, *MEDIA_KINDS})


@dataclass(frozen=True, slots=True)
class _Made:
    """A call that a computed column makes, and the states of its function's code that have entries of such calls."""

    call: Call
    fingerprints: tuple[bytes, ...]


class Results:
    """The entries of one table's calls. What it has removed is counted in `removed`."""

    def __init__(self, engine: Engine, ledger: Ledger, schema: Schema) -> None:
        """`schema` has every column that the table has or had. Removes nothing yet."""
        self._engine = engine
        self._ledger = ledger
        self._schema = schema
        self._functions = ledger.upkeep.functions()
        self._made: list[_Made] = []
        self._whole: set[bytes] = set()
        self.removed = 0
        if self._functions:
            for column in schema.columns:
                if column.is_computed:
                    self._look_at(column)
        self.is_concerned = bool(self._made or self._whole)

    def remove(self, stored: StoredSegment, positions: NDArray[np.int64]) -> None:
        """Removes the entries for rows of a segment, with the values that they had in any of its files."""
        for made in self._made:
            for files in {stage.files for stage in stages(stored)}:
                segment = replace(stored.segment, id=-1, files=files)  # an id below 0 is in no cache
                contents = Contents(self._schema.table.id, 0, (segment,))
                source = Source(self._schema, contents, self._engine.context.store)
                self._remove_calls(made, source, positions)
        if self._whole:
            self.removed += self._ledger.upkeep.remove_of(self._whole)
            self._whole = set()

    def scrub(self) -> list[str]:
        """Overwrites what was removed, now or before; returns where it may still be, in words."""
        return self._ledger.upkeep.scrub() if self.is_concerned else []

    def _look_at(self, column: ColumnRecord) -> None:
        resolver = self._engine.resolver
        try:
            node = resolver.bind(self._schema, resolver.unbound(self._schema, column))
        except Error:
            for name in _names_of_functions(column.value):
                self._whole |= {each for each, known in self._functions.items() if is_called(known.name, name)}
            return
        for call in walk(node):
            if isinstance(call, Call):
                self._look_at_call(call)

    def _look_at_call(self, call: Call) -> None:
        function = cast(Function, call.function)
        now, overloads = described(function), {described(each) for each in function.origin.overloads}
        same = {each for each, known in self._functions.items() if known == now}
        for each, known in self._functions.items():
            if known.name == now.name and known not in overloads:
                self._whole.add(each)
        if not function.is_deterministic or not all(map(_is_certain, call.args)):
            self._whole |= same
        elif same:
            self._made.append(_Made(call, tuple(sorted(same))))

    def _remove_calls(self, made: _Made, source: Source, positions: NDArray[np.int64]) -> None:
        call, function = made.call, cast(Function, made.call.function)
        try:
            arguments = self._arguments(call, source, positions)
            keys = self._ledger.keys(function, call.names, arguments, range(len(positions)))
        except Error:  # an argument failed for one of the rows
            self._whole |= set(made.fingerprints)
            return
        wanted = {fingerprint + key[OF_FUNCTION:] for fingerprint in made.fingerprints for key in keys}
        self.removed += self._ledger.upkeep.remove(wanted)

    def _arguments(self, call: Call, source: Source, positions: NDArray[np.int64]) -> Sequence[Vector | Literal]:
        context = self._engine.context
        given = {f'argument{number}': node for number, node in enumerate(call.args)}
        computed = [Named(name, node) for name, node in given.items() if not isinstance(node, Literal)]
        needed = sorted({name for each in computed for name in fields(each.node)} - {ROW_ID_FIELD})
        rows = source.fetch([ROW_ID_FIELD, *needed], positions)
        tables = list(evaluate(context, computed, iter([rows])))
        return [
            node
            if isinstance(node, Literal)
            else Vector([value for table in tables for value in decode(table.column(name), node.type, context.zone)])
            for name, node in given.items()
        ]


def _is_certain(argument: Node) -> bool:
    """Whether the argument can be computed again, at no cost, and is what it was then."""
    if argument.type.kind in _UNCERTAIN:
        return isinstance(argument, Literal) and argument.type.kind not in MEDIA_KINDS
    for node in walk(argument):
        if isinstance(node, (Aggregate, Element, Similarity)) or node.type.kind in _UNCERTAIN:
            return False
        if isinstance(node, Field) and (column_of(node.name) or 0) >= LEVEL:
            return False  # a column of the base of a view, which may have been another one then
        if isinstance(node, Call) and not is_built_in(cast(Function, node.function)):
            return False
    return True


def is_built_in(function: Function) -> bool:
    """Whether it is one of the methods and properties of values, such as `text.upper()`: models are functions."""
    return function.style != 'function' and function.module.startswith('pixeltable.functions.')


def _names_of_functions(document: Any) -> set[str]:
    """The names of the functions in an expression as it is stored (`udf.storing`)."""
    found: set[str] = set()
    rest = [document]
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            function = part.get('function')
            if isinstance(function, dict) and isinstance(function.get('name'), str):
                found.add(function['name'])
            rest += part.values()
        elif isinstance(part, (list, tuple)):
            rest += part
    return found
