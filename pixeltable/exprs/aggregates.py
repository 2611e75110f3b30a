"""Expressions over several rows: aggregates with their filters, and windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build, checks
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr, require_expression
from pixeltable.exprs.nodes import Aggregate, Node
from pixeltable.exprs.visit import has_aggregate, has_window
from pixeltable.exprs.windows import Fold, Frame, Ordering, Ranking, Window
from pixeltable.types.column_type import INT, ColumnType

_WHOLE, _RUNNING = Frame(None, None), Frame(None, 0)


class AggregateExpr(Expr):
    """An aggregate. In a grouped query it has one value for each group; `over` gives it one for each row instead."""

    __slots__ = ()

    def over(
        self, partition_by: Any = None, order_by: Any = None, frame: tuple[int | None, int | None] | None = None
    ) -> Expr:
        """The value over the rows around each row.

        Args:
            partition_by: an expression or a list of them: only rows with equal values count. All rows without.
            order_by: an expression or a list of them, by which the rows of a partition are in order; equal ones keep the order
                of insertion.
            frame: which rows count, as the distance of the first and the last from the current one; None is the start or end of
                the partition: `(-2, 0)` is the row and the two before it. By default all rows of the partition, or, with
                `order_by`, those up to the current one.

        Raises INVALID_ARGUMENT for what is no frame, INVALID_EXPRESSION for a window inside a window.
        """
        node = self.__pxt_node__
        assert isinstance(node, (Aggregate, Fold, Ranking))
        keys = [Ordering(key) for key in nodes_of(order_by, 'over(order_by=…)')]
        return Expr(window(node, nodes_of(partition_by, 'over(partition_by=…)'), keys, _frame(frame, bool(keys))))


def aggregate(
    function: str,
    value: Node | None,
    *,
    distinct: bool = False,
    where: Any = None,
    group_by: Any = None,
    order_by: Any = None,
) -> AggregateExpr | Expr:
    """One of the aggregates of `build.aggregate`; with `group_by` or `order_by` as a running value."""
    node = build.aggregate(function, value)
    assert isinstance(node, Aggregate)
    condition = condition_of(where)
    if not isinstance(distinct, bool):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{function}(): distinct is True or False, not {distinct!r}.')
    if distinct and value is None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{function}(distinct=True) needs an expression.')
    made = Aggregate(node.type, node.function, node.arg, distinct, condition)
    return running(made, group_by, order_by)


def running(node: Aggregate | Fold, group_by: Any, order_by: Any) -> AggregateExpr | Expr:
    """The aggregate itself; or, with `group_by` or `order_by`, its value up to each row."""
    if group_by is None and order_by is None:
        return AggregateExpr(node)
    keys = [Ordering(key) for key in nodes_of(order_by, 'order_by')]
    return Expr(window(node, nodes_of(group_by, 'group_by'), keys, _RUNNING))


def window(
    node: Aggregate | Fold | Ranking, partition_by: Sequence[Node], order_by: Sequence[Ordering], frame: Frame
) -> Window:
    """Raises INVALID_EXPRESSION for a window inside a window, UNSUPPORTED_OPERATION for a frame that nobody can compute."""
    made = Window(node.type, node, tuple(partition_by), tuple(order_by), frame)
    inner = [*partition_by, *(key.node for key in order_by), *getattr(node, 'args', ()), getattr(node, 'arg', None)]
    if any(each is not None and has_window(each) for each in inner):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'{display(made)}: windows cannot be nested; use a sub-query for the inner one.',
        )
    if isinstance(node, Fold) and frame != _RUNNING:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{display(made)}: a declared aggregate runs over the rows up to the current one: frame=(None, 0).',
        )
    if isinstance(node, Ranking) and not order_by:
        raise RequestError(ErrorCode.MISSING_REQUIRED, f'{display(made)}: say in which order, with order_by.')
    return made


def ranking(function: str, *args: Any) -> AggregateExpr:
    """`row_number`, `rank` and `dense_rank`, and `lag`, `lead` of a value and an offset."""
    nodes = tuple(build.node(arg) for arg in args)
    type_: ColumnType = nodes[0].type.with_nullable(True) if nodes else INT
    return AggregateExpr(Ranking(type_, function, nodes))


def condition_of(where: Any) -> Node | None:
    """The filter of an aggregate. Raises as `checks.check_boolean`."""
    return None if where is None else checks.check_boolean(require_expression(where, 'where'))


def nodes_of(given: Any, what: str) -> list[Node]:
    """One expression, or a list of them, without aggregates over aggregates being built by mistake."""
    items = [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
    return [require_expression(item, what) for item in items]


def check_values(name: str, nodes: Sequence[Node]) -> None:
    """Raises INVALID_EXPRESSION for an aggregate among the inputs of one."""
    for node in nodes:
        if has_aggregate(node) or has_window(node):
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION, f'{name}({display(node)}): aggregates cannot be nested; use a sub-query.'
            )


def _frame(frame: Any, is_ordered: bool) -> Frame:
    if frame is None:
        return _RUNNING if is_ordered else _WHOLE
    is_pair = isinstance(frame, (tuple, list)) and len(frame) == 2
    if not is_pair or any(isinstance(end, bool) or not (end is None or isinstance(end, int)) for end in frame):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'over(): frame is a pair of distances from the current row, such as (-2, 0) or (None, 0), not {frame!r}.',
        )
    start, end = frame
    if start is not None and end is not None and start > end:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'over(): the frame {frame!r} ends before it starts.')
    return Frame(start, end)
