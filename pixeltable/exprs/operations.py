"""The scalar operations: the symbol and the type rule of each. How one is computed is written in `sql` and in `exec.scalar`.

NULL propagates through all of them but `and`, `or` (three-valued logic) and the null tests. Division by zero is NULL. `//` and
`%` round towards minus infinity, as in Python. NaN equals NaN and is greater than every other number, as in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.column_type import BOOL, FLOAT, INT, JSON, STRING, ColumnType, Kind
from pixeltable.types.supertypes import common

TypeRule = Callable[[str, tuple[ColumnType, ...]], ColumnType | None]


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """`symbol` is what the user typed; `precedence` decides where display needs parentheses."""

    symbol: str
    precedence: int
    result: TypeRule


_ORDERED = {Kind.STRING, Kind.TIMESTAMP, Kind.DATE, Kind.UUID, Kind.BINARY}


def _arithmetic(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    kinds = {arg.kind for arg in args}
    if Kind.JSON in kinds and kinds <= {Kind.JSON, Kind.INT, Kind.FLOAT, Kind.BOOL}:  # a whole number stays one
        return (FLOAT if Kind.FLOAT in kinds else JSON).with_nullable(True)
    if not kinds <= {Kind.INT, Kind.FLOAT, Kind.BOOL}:
        return None
    return FLOAT if Kind.FLOAT in kinds else INT


def _add(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return STRING if all(arg.kind is Kind.STRING for arg in args) else _arithmetic(symbol, args)


def _multiply(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return STRING if [arg.kind for arg in args] == [Kind.STRING, Kind.INT] else _arithmetic(symbol, args)


def _nullable_arithmetic(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    result = _arithmetic(symbol, args)
    return result and result.with_nullable(True)


def _always_float(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return FLOAT.with_nullable(True) if _arithmetic(symbol, args) else None


def _comparison(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    left, right = args
    if left.is_numeric and right.is_numeric:
        return BOOL
    if Kind.JSON in (left.kind, right.kind):
        others = {left.kind, right.kind} - {Kind.JSON}
        return BOOL.with_nullable(True) if others <= {Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOL} else None
    if left.kind is not right.kind:
        return None
    return BOOL if left.kind in _ORDERED or (symbol in ('==', '!=') and left.kind is not Kind.ARRAY) else None


def _logic(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return BOOL if all(arg.kind is Kind.BOOL for arg in args) else None


def _null_test(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return BOOL


def _round(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return _arithmetic(symbol, args[:1]) if all(digits.kind is Kind.INT for digits in args[1:]) else None


def _sample_key(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    return INT if all(arg.kind is Kind.INT for arg in args) else None


def _in_list(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    known = {Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.JSON}
    return BOOL.with_nullable(True) if args[0].kind in known and args[1].kind is Kind.JSON else None


def _coalesce(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    result = common(args)
    return result and result.with_nullable(all(arg.nullable for arg in args))


def _case(symbol: str, args: tuple[ColumnType, ...]) -> ColumnType | None:
    """`args` are a condition and a value, over and over, and the value for the rest."""
    return common((*args[1:-1:2], args[-1])) if all(arg.kind is Kind.BOOL for arg in args[:-1:2]) else None


OPERATIONS: dict[str, OperationSpec] = {
    'or': OperationSpec('|', 1, _logic),
    'and': OperationSpec('&', 2, _logic),
    'not': OperationSpec('~', 7, _logic),
    'eq': OperationSpec('==', 3, _comparison),
    'ne': OperationSpec('!=', 3, _comparison),
    'lt': OperationSpec('<', 3, _comparison),
    'le': OperationSpec('<=', 3, _comparison),
    'gt': OperationSpec('>', 3, _comparison),
    'ge': OperationSpec('>=', 3, _comparison),
    'is_null': OperationSpec('== None', 3, _null_test),
    'is_not_null': OperationSpec('!= None', 3, _null_test),
    'add': OperationSpec('+', 5, _add),
    'sub': OperationSpec('-', 5, _arithmetic),
    'mul': OperationSpec('*', 6, _multiply),
    'div': OperationSpec('/', 6, _always_float),
    'floordiv': OperationSpec('//', 6, _nullable_arithmetic),
    'mod': OperationSpec('%', 6, _nullable_arithmetic),
    'pow': OperationSpec('**', 8, _always_float),
    'neg': OperationSpec('-', 7, _arithmetic),
    'sample_key': OperationSpec('sample_key', 9, _sample_key),
    'abs': OperationSpec('abs', 9, _arithmetic),
    'round': OperationSpec('round', 9, _round),
    'in_list': OperationSpec('isin', 9, _in_list),
    'case': OperationSpec('case', 9, _case),
    'coalesce': OperationSpec('coalesce', 9, _coalesce),
}


def result_type(op: str, args: tuple[ColumnType, ...], describe: Callable[[], str]) -> ColumnType:
    """The type of `op` over arguments of these types; `describe` gives the whole expression, for the message."""
    spec = OPERATIONS[op]
    result = spec.result(spec.symbol, args)
    if result is None:
        types = ' and '.join(str(arg.with_nullable(False)) for arg in args)
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{describe()}: operator {spec.symbol!r} does not work on {types}; convert one side with astype(...).',
        )
    if op in ('is_null', 'is_not_null', 'case', 'coalesce') or result.nullable:
        return result
    return result.with_nullable(any(arg.nullable for arg in args))
