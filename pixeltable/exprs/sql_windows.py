"""Windows, order keys and aggregates as DuckDB text, around the text of what they are over."""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.exprs.nodes import Aggregate, Node
from pixeltable.exprs.windows import Collect, Fold, Frame, Ordering, Ranking, Window
from pixeltable.types.column_type import Kind

Write = Callable[[Node], str]


def aggregate(node: Aggregate, write: Write, over: str = '') -> str:
    """The call of an aggregate, with its filter, over the window that `over` describes, if any."""
    each = 'DISTINCT ' if node.distinct else ''
    filtered = '' if node.condition is None else f' FILTER (WHERE {write(node.condition)})'
    if node.arg is None:
        return f'count(*){filtered}{over}'
    kind, value = node.arg.type.kind, write(node.arg)
    if node.function in ('sum', 'mean') and kind is Kind.BOOL:
        value = f'CAST({value} AS BIGINT)'
    text = f'{"avg" if node.function == "mean" else node.function}({each}{value}){filtered}{over}'
    return f'CAST({text} AS BIGINT)' if node.function == 'sum' and kind is not Kind.FLOAT else text


def collect(node: Collect, write: Write) -> str:
    """The list of all values of a group."""
    keys = [text for key in node.order_by for text in order_key(key, write)]
    order = f' ORDER BY {", ".join(keys)}' if keys else ''
    filtered = '' if node.condition is None else f' FILTER (WHERE {write(node.condition)})'
    return f'list({write(node.arg)}{order}){filtered}'


def window(node: Window, write: Write) -> str | None:
    """None for what only Python can compute."""
    if isinstance(node.aggregate, Fold):
        return None
    parts = []
    if node.partition_by:
        parts.append('PARTITION BY ' + ', '.join(write(key) for key in node.partition_by))
    if node.order_by:
        keys = (text for key in node.order_by for text in order_key(key, write))
        parts.append('ORDER BY ' + ', '.join(keys))
    if isinstance(node.aggregate, Ranking):
        return f'{node.aggregate.function}({", ".join(map(write, node.aggregate.args))}) OVER ({" ".join(parts)})'
    if node.frame != Frame(None, None):
        parts.append(f'ROWS BETWEEN {_bound(node.frame.start, "PRECEDING")} AND {_bound(node.frame.end, "FOLLOWING")}')
    return aggregate(node.aggregate, write, f' OVER ({" ".join(parts)})')


def _bound(rows: int | None, end: str) -> str:
    if rows is None:
        return f'UNBOUNDED {end}'
    return 'CURRENT ROW' if rows == 0 else f'{-rows} PRECEDING' if rows < 0 else f'{rows} FOLLOWING'


def order_key(key: Ordering, write: Write) -> list[str]:
    """The texts of one key: NULL is the greatest value, unless `nulls` says otherwise."""
    last = key.ascending if key.nulls is None else key.nulls == 'last'
    suffix = f'{"ASC" if key.ascending else "DESC"} NULLS {"LAST" if last else "FIRST"}'
    text = write(key.node)
    if key.is_short:
        return [f'CAST({text} AS UINTEGER) {suffix}']
    if key.node.type.kind is not Kind.JSON:
        return [f'{text} {suffix}']
    # Json values by their types first: false, true, numbers, texts, and then everything else by its text.
    type_ = f'json_type({text})'
    number = f"CASE WHEN {type_} IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN CAST({text} AS DOUBLE) END"
    string = f"CASE WHEN {type_} = 'VARCHAR' THEN json_extract_string({text}, '$') ELSE {text} END"
    rank = (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN {type_} = 'BOOLEAN' THEN 0 "
        f"WHEN {type_} IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN 1 WHEN {type_} = 'VARCHAR' THEN 2 ELSE 3 END"
    )
    return [f'{rank} {suffix}', f'{number} {suffix}', f'{string} {suffix}']
