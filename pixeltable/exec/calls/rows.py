"""Which rows of a batch need a call, and what is passed.

NULL in a parameter that is not nullable gives NULL without a call, and so does an error in an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from pixeltable.exec.vectors import Vector
from pixeltable.exprs.nodes import Literal
from pixeltable.udf.function import Function

Argument = Vector | Literal


def rows_to_call(
    function: Function, names: Sequence[str], arguments: Sequence[Argument], rows: int, result: Vector
) -> Sequence[int]:
    """The rows that need a call; for the others, `result` already holds what there is."""
    skipped: set[int] = set()
    for name, argument in zip(names, arguments, strict=True):
        parameter = function.signature.find(name)
        nullable = parameter.type is None or parameter.type.nullable
        if isinstance(argument, Literal):
            if argument.value is None and not nullable:
                return ()
            continue
        for row, error in argument.errors.items():
            result.errors.setdefault(row, error)  # that of the first input
        skipped.update(argument.errors)
        if not nullable:
            skipped.update(row for row, value in enumerate(argument.values) if value is None)
    return range(rows) if not skipped else [row for row in range(rows) if row not in skipped]


def argument_rows(arguments: Sequence[Argument], called: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The arguments of each of the rows `called`."""
    columns: list[Iterable[Any]] = []
    for argument in arguments:
        if isinstance(argument, Literal):
            columns.append(repeat(argument.value, len(called)))
        elif isinstance(called, range):
            columns.append(argument.values)
        else:
            columns.append([argument.values[row] for row in called])
    return zip(*columns, strict=True) if columns else iter([()] * len(called))


def scatter(values: Sequence[Any], called: Sequence[int], result: Vector) -> None:
    """Puts the results of the rows `called` where they belong."""
    if isinstance(called, range):
        result.values = values
        return
    filled = list(result.values)
    for row, value in zip(called, values, strict=True):
        filled[row] = value
    result.values = filled
