"""The operations of `exprs.operations` in Python: of 64-bit integers, floats, text and Json numbers.

An integer next to a float is converted to a float first. NULL propagates, and division by zero is NULL.
"""

from __future__ import annotations

import datetime
import hashlib
import math
import operator
from collections.abc import Callable
from typing import Any

from pixeltable.exec.scalar_comparisons import OPERATORS, compare_function, is_number, json_compare
from pixeltable.exprs.nodes import Operation
from pixeltable.exprs.sql_arithmetic import MAX_REPEATED_BYTES
from pixeltable.types.column_type import Kind

Function = Callable[..., Any]


def operation_function(node: Operation, zone: datetime.tzinfo) -> Function:
    """The function that computes `node` from the values of its arguments."""
    match node.op:
        case 'and':
            return _and
        case 'or':
            return _or
        case 'not':
            return lambda value: None if value is None else not value
        case 'is_null':
            return lambda value: value is None
        case 'is_not_null':
            return lambda value: value is not None
        case op if op in OPERATORS:
            left, right = node.args
            return _strict(compare_function(op, left.type, right.type, zone), 2)
        case 'in_list':
            return _in_list
    return _strict(_arithmetic(node), len(node.args))


def _arithmetic(node: Operation) -> Function:
    kinds = [arg.type.kind for arg in node.args]
    if node.type.kind is Kind.STRING:
        return operator.add if node.op == 'add' else repeat
    if Kind.JSON in kinds:
        return _json(node.op, kinds, node.type.kind)
    if node.op in ('div', 'pow') or Kind.FLOAT in kinds:
        return _FLOAT[node.op]
    return _checked(_INT[node.op])


def _strict(function: Function, arguments: int) -> Function:
    """`function`, but NULL where an argument is NULL."""
    if arguments == 1:
        return lambda a: None if a is None else function(a)
    return lambda a, b: None if a is None or b is None else function(a, b)


_json_equal = json_compare('eq')


def _in_list(value: Any, within: Any) -> bool | None:
    """NULL if `within` is no list; NULL itself is in no list that is empty, and may be in any other."""
    if not isinstance(within, (list, tuple)) or (value is None and within):
        return None
    return any(_json_equal(value, item) for item in within)


def _and(*args: bool | None) -> bool | None:
    if any(arg is False for arg in args):
        return False
    return None if any(arg is None for arg in args) else True


def _or(*args: bool | None) -> bool | None:
    if any(arg is True for arg in args):
        return True
    return None if any(arg is None for arg in args) else False


def check_int(value: int) -> int:
    """`value`, if an Int can hold it."""
    if -(2**63) <= value < 2**63:
        return value
    raise OverflowError(f'{value} does not fit into the 64 bits of an Int; convert to Float with astype(pxt.Float)')


def _checked(function: Function) -> Function:
    def checked(*args: Any) -> int | None:
        value = function(*args)
        return None if value is None else check_int(value)

    return checked


def repeat(text: str, times: int) -> str:
    """`text * times`, unless that is absurdly long."""
    if times > 0 and len(text.encode()) > MAX_REPEATED_BYTES // times:
        raise OverflowError(f'{len(text)} characters, {times} times, are too long a text')
    return text * times


def _divide(a: float, b: float) -> float | None:
    return float(a) / float(b) if b else None


def power(a: float, b: float) -> float | None:
    """`a ** b` in floats: infinite where it is too large, NaN where it is no real number, NULL where it divides by zero."""
    a, b = float(a), float(b)
    if a == 0 and b < 0:
        return None
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and math.fmod(b, 2) else math.inf
    except ValueError:
        return math.nan


def _round_float(value: float, digits: int = 0) -> float:
    return round(float(value), digits)


def _of_floats(function: Function) -> Function:
    """`function` of two floats, one of which may have come as an integer."""
    return lambda a, b: function(float(a), float(b))


def sample_key(row_id: int, seed: int) -> int:
    """The upper 53 bits of half of the MD5 sum of row id and seed."""
    digest = hashlib.md5(f'{row_id}:{seed}'.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], 'little') >> 11


_INT: dict[str, Function] = {
    'add': operator.add,
    'sub': operator.sub,
    'mul': operator.mul,
    'floordiv': lambda a, b: a // b if b else None,
    'mod': lambda a, b: a % b if b else None,
    'neg': operator.neg,
    'abs': abs,
    'round': lambda value, digits=0: round(int(value), digits),
    'sample_key': sample_key,
}
_FLOAT: dict[str, Function] = {
    'add': _of_floats(operator.add),
    'sub': _of_floats(operator.sub),
    'mul': _of_floats(operator.mul),
    'div': _divide,
    'floordiv': lambda a, b: float(a) // float(b) if b else None,
    'mod': lambda a, b: float(a) % float(b) if b else None,
    'pow': power,
    'neg': operator.neg,
    'abs': abs,
    'round': _round_float,
}


def _json(op: str, kinds: list[Kind], result: Kind) -> Function:
    """`op` over Json numbers: of integers as Int, else as Float. A result in Json must be a number that Json can hold."""
    of_ints, of_floats = _INT.get(op), _FLOAT[op]

    def compute(*args: Any) -> Any:
        numbers = [int(arg) if kind is Kind.BOOL else arg for arg, kind in zip(args, kinds, strict=True)]
        for number in numbers:
            if not is_number(number):
                raise TypeError(f'{number!r:.80} is not a number')
        if of_ints is not None and all(isinstance(number, int) for number in numbers):
            value = of_ints(*numbers)
            return None if value is None else check_int(value)
        value = of_floats(*numbers)
        if result is Kind.JSON and value is not None and not math.isfinite(value):
            raise OverflowError(f'the result is {value}, which Json cannot hold')
        return value

    return compute
