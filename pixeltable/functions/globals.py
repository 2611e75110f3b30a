"""Functions over expressions of many types: aggregates, conversion, choices, and the items of Json lists."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build, choices, containers, each
from pixeltable.exprs.aggregates import AggregateExpr, aggregate, ranking
from pixeltable.exprs.expr import METHODS, Expr, Method, require_expression
from pixeltable.types.column_type import Kind

__all__ = [
    'array',
    'case',
    'cast',
    'coalesce',
    'count',
    'dense_rank',
    'filter',
    'lag',
    'lead',
    'map',
    'max',
    'mean',
    'min',
    'rank',
    'row_number',
    'sort',
    'sum',
]


def _aggregate(function: str, value: Any, **options: Any) -> Any:
    is_number = isinstance(value, (int, float))
    node = build.node(value) if is_number else require_expression(value, f'{function}()')
    return aggregate(function, node, **options)


def sum(val: Expr, *, distinct: bool = False, where: Any = None, group_by: Any = None, order_by: Any = None) -> Any:  # noqa: A001
    """The sum of the values that are not NULL, NULL if there are none.

    Args:
        distinct: whether equal values count once.
        where: only rows for which this is true count.
        group_by: makes it a running value, for each row that of the rows up to it with the same value of this.
        order_by: makes it a running value in this order; without, in the order of insertion. See also `.over()`.

    Raises TYPE_MISMATCH for what is no number, INVALID_EXPRESSION for an aggregate of an aggregate.
    """
    return _aggregate('sum', val, distinct=distinct, where=where, group_by=group_by, order_by=order_by)


def count(
    val: Expr | int | None = None,
    *,
    distinct: bool = False,
    where: Any = None,
    group_by: Any = None,
    order_by: Any = None,
) -> Any:
    """How many values are not NULL; without an argument, or as `count(1)`, how many rows. Other arguments are those of `sum`."""
    options = {'distinct': distinct, 'where': where, 'group_by': group_by, 'order_by': order_by}
    return aggregate('count', None, **options) if val is None else _aggregate('count', val, **options)


def min(val: Expr, *, where: Any = None, group_by: Any = None, order_by: Any = None) -> Any:  # noqa: A001
    """The smallest value that is not NULL, NULL if there is none. The other arguments are those of `sum`.

    Raises TYPE_MISMATCH for what has no order.
    """
    return _aggregate('min', val, where=where, group_by=group_by, order_by=order_by)


def max(val: Expr, *, where: Any = None, group_by: Any = None, order_by: Any = None) -> Any:  # noqa: A001
    """The largest value that is not NULL, NULL if there is none. The other arguments are those of `sum`.

    Raises TYPE_MISMATCH for what has no order.
    """
    return _aggregate('max', val, where=where, group_by=group_by, order_by=order_by)


def mean(val: Expr, *, distinct: bool = False, where: Any = None, group_by: Any = None, order_by: Any = None) -> Any:
    """The arithmetic mean of the values that are not NULL, NULL if there are none. The other arguments are those of `sum`.

    Raises TYPE_MISMATCH for what is no number.
    """
    return _aggregate('mean', val, distinct=distinct, where=where, group_by=group_by, order_by=order_by)


def row_number() -> AggregateExpr:
    """The number of a row in its window, from 1: `row_number().over(partition_by=t.topic, order_by=t.score)`."""
    return ranking('row_number')


def rank() -> AggregateExpr:
    """The rank of a row in its window, from 1; equal rows have the same, and leave a gap behind them."""
    return ranking('rank')


def dense_rank() -> AggregateExpr:
    """The rank of a row in its window, from 1; equal rows have the same, and leave no gap."""
    return ranking('dense_rank')


def lag(val: Expr, offset: int = 1) -> AggregateExpr:
    """The value of the row that is `offset` before this one in its window; NULL if there is none."""
    return ranking('lag', Expr(require_expression(val, 'lag()')), offset)


def lead(val: Expr, offset: int = 1) -> AggregateExpr:
    """The value of the row that is `offset` after this one in its window; NULL if there is none."""
    return ranking('lead', Expr(require_expression(val, 'lead()')), offset)


def cast(expr: Expr, target_type: Any) -> Expr:
    """`expr` converted to `target_type`; the same as `expr.astype(target_type)`."""
    return Expr(require_expression(expr, 'cast()')).astype(target_type)


def array(elements: Iterable[Any]) -> Expr:
    """An array made of scalars, or of arrays or lists of one shape; NULL where an element is.

    Floats give a float32 array and ints an int64 one, as `pxt.Array[pxt.Float]` does.

    Raises INVALID_ARGUMENT for what is no list, TYPE_MISMATCH for elements that make no array.
    """
    if isinstance(elements, (str, bytes, Expr)) or not isinstance(elements, Iterable):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'array() takes a list of expressions and constants, not {elements!r}.'
        )
    rows = (array(item) if isinstance(item, (list, tuple)) else item for item in elements)
    return Expr(containers.array_of(tuple(build.node(row) for row in rows)))


def case(*branches: tuple[Any, Any], otherwise: Any = None) -> Expr:
    """The value of the first branch `(condition, value)` whose condition is true, else `otherwise`.

        pxt.case((t.score > 0.9, 'good'), (t.score > 0.5, 'fair'), otherwise='poor')

    A condition that is NULL is not true. In a computed column, a value is computed only for the rows that take it.

    Raises INVALID_ARGUMENT for what is no pair, INVALID_EXPRESSION for a condition that is no Bool, TYPE_MISMATCH for values that
    have no type in common.
    """
    return Expr(choices.case(branches, otherwise))


def coalesce(*values: Any) -> Expr:
    """The first of `values` that is not NULL, NULL if all are. A later value is computed only where the earlier are NULL.

    Raises INVALID_ARGUMENT for no values, TYPE_MISMATCH for values that have no type in common.
    """
    return Expr(choices.coalesce(values))


def map(expr: Expr, fn: Callable[[Expr], Any]) -> Expr:  # noqa: A001
    """What `fn` gives for each item of a Json list: `t.boxes.map(lambda box: box.width * box.height)`.

    `fn` is called once, with an expression that stands for the item. A value that is no list gives NULL.

    Raises TYPE_MISMATCH if `expr` is no Json, INVALID_EXPRESSION for a function that gives no expression.
    """
    return Expr(each.for_each('map', require_expression(expr, 'map()'), _required('map', fn)))


def filter(expr: Expr, predicate: Callable[[Expr], Any]) -> Expr:  # noqa: A001
    """The items of a Json list for which `predicate` is true: `t.boxes.filter(lambda box: box.score > 0.5)`.

    Raises TYPE_MISMATCH if `expr` is no Json, INVALID_EXPRESSION for a predicate that gives no condition.
    """
    return Expr(each.for_each('filter', require_expression(expr, 'filter()'), _required('filter', predicate)))


def sort(expr: Expr, key: Callable[[Expr], Any] | None = None, *, asc: bool = True) -> Expr:
    """The items of a Json list in the order of `key`, or of the items themselves; equal ones keep their order.

    Numbers come before text and NULL comes last; `asc=False` turns that round. Objects and lists have no order of their own: a
    key that is one is an error of its cell.

    Raises TYPE_MISMATCH if `expr` is no Json, INVALID_EXPRESSION for a key that gives no expression.
    """
    return Expr(each.for_each('sort', require_expression(expr, 'sort()'), key, asc))


def _required(verb: str, fn: Any) -> Any:
    if fn is None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{verb}() takes a function of an item, such as lambda R: R.score.'
        )
    return fn


for _function in (map, filter, sort):
    METHODS[Kind.JSON][_function.__name__] = functools.partial(Method, _function)
