"""Iterators: functions that make any number of rows from one, for `create_view(..., iterator=...)`.

To the evaluator an iterator is a function whose result is the list of all rows, so that limits, retries, the ledger and errors
are those of functions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs.nodes import Call, Literal, Node
from pixeltable.iterators.seeking import Seeker
from pixeltable.types import spelling
from pixeltable.types.column_type import ColumnType
from pixeltable.udf import calling, result_types
from pixeltable.udf.function import Function
from pixeltable.udf.signature import bind

Rule = TypeVar('Rule', bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class IteratorCall:
    """A call of an iterator over expressions, the columns that it fills, by name, and what makes those that are not stored."""

    node: Call
    outputs: Mapping[str, ColumnType]
    unstored: Mapping[str, Function]

    def __repr__(self) -> str:
        from pixeltable.exprs.display import display

        return display(self.node)


@dataclass(eq=False, repr=False)
class IteratorFunction(Function):
    """What `@pxt.iterator` returns.

    Attributes:
        outputs: the columns of its rows, unless a rule says so for the constants of a call.
        schema_rule: gives the columns for constant arguments.
        columns_rule: gives the columns for arguments that may be expressions, where their types decide.
        check: raises for constant arguments that do not go together.
        references: columns of images that say which part of the input they are, and are decoded from it when they are read.
    """

    outputs: Mapping[str, ColumnType] = dataclasses.field(default_factory=dict)
    schema_rule: Callable[[dict[str, Any]], Any] | None = None
    columns_rule: Callable[[Mapping[str, Node]], Mapping[str, ColumnType]] | None = None
    check: Callable[[dict[str, Any]], Any] | None = None
    references: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        takes, _, _ = str(self.full_signature).rpartition(' -> ')
        return f'<iterator {self.name}{takes} -> {", ".join(self.outputs) or "rows"}>'

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The call, for `create_view(..., iterator=...)`.

        Raises INVALID_ARGUMENT for missing or unknown arguments and for constants that do not go together, TYPE_MISMATCH for
        types that no parameter accepts.
        """
        if calling.is_direct():
            given = bind(self.name, self.signature, args, kwargs)
            return iter(self.caller(tuple(given))(*given.values()))
        node = self._call_once(bind(self.name, self.signature, args, kwargs))
        given = dict(zip(node.names, node.args, strict=True))
        constants = result_types.known(self, given)
        self._check_given(given)
        if self.check is not None:
            self._asked(self.check, constants)
        outputs = self._columns(constants, given)
        unstored = {
            name: each for each in self.overloads if isinstance(each, Seeker) and (name := each.column) in outputs
        }
        return IteratorCall(node, outputs, unstored)

    def _check_given(self, given: Mapping[str, Node]) -> None:
        """Raises INVALID_ARGUMENT for None where it would mean no rows, whatever the base has."""
        for name, node in given.items():
            wanted = self.signature.find(name).type
            if isinstance(node, Literal) and node.value is None and wanted is not None and not wanted.nullable:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT, f'{self.name}(): {name!r} is of type {wanted} and cannot be None.'
                )

    def caller(self, names: Sequence[str]) -> Callable[..., Any]:
        """A callable that gives all rows as a list."""
        rows = super().caller(names)
        return lambda *values: [self._row(row) for row in rows(*values)]

    def validate(self, rule: Rule) -> Rule:
        """Declares what checks calls: a function of the dict of their constant arguments that raises for those that are wrong."""
        self.check = rule
        return rule

    def conditional_output_schema(self, rule: Rule) -> Rule:
        """Declares how constants decide the columns: a function of the dict of constant arguments that gives a TypedDict, or a
        dict of types by name."""
        self.schema_rule = rule
        return rule

    def _row(self, row: Any) -> Mapping[str, Any]:
        if not isinstance(row, Mapping):
            raise TypeError(f'{self.name} gave {row!r:.100}, and rows are dicts by column name')
        return row

    def _columns(self, constants: dict[str, Any], given: Mapping[str, Node]) -> Mapping[str, ColumnType]:
        if self.columns_rule is not None:
            return self.columns_rule(given)
        if self.schema_rule is None:
            return self.outputs
        found = self._asked(self.schema_rule, constants)
        return self.outputs if found is None else columns_of(found, self.name)

    def _asked(self, rule: Callable[[dict[str, Any]], Any], constants: dict[str, Any]) -> Any:
        try:
            return rule(constants)
        except Error:
            raise
        except Exception as error:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{self.name}(): {error}') from error


def columns_of(described: Any, name: str, namespace: Mapping[str, Any] | None = None) -> dict[str, ColumnType]:
    """The columns that a TypedDict, or a dict of types by name, describes. Raises INVALID_TYPE, naming the one that is none."""
    hints = described if isinstance(described, Mapping) else _hints(described, name, namespace or {})
    columns = {}
    for key, hint in hints.items():
        found = hint if isinstance(hint, ColumnType) else spelling.from_hint(hint)
        if found is None:
            raise RequestError(
                ErrorCode.INVALID_TYPE, f'{name}(): its output {key!r} has the hint {hint!r}, no column type.'
            )
        columns[key] = found
    if not columns:
        raise RequestError(ErrorCode.INVALID_TYPE, f'{name}(): an iterator has at least one output column.')
    return columns


def _hints(described: Any, name: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    import typing

    try:
        return typing.get_type_hints(described, localns=dict(namespace), include_extras=True)
    except Exception as error:
        raise RequestError(
            ErrorCode.INVALID_TYPE, f'{name}(): the hints of {described!r} cannot be evaluated: {error}.'
        ) from error


def iterate(make: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """All rows of an iterator object, which is closed at the end."""
    source = make(*args, **kwargs)
    try:
        yield from source
    finally:
        source.close()
