"""What the clauses of queries accept: each function checks what a user gave and makes the record of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pixeltable.api.handle import Handle
from pixeltable.api.names import check_count
from pixeltable.api.reading import Readable
from pixeltable.errors import ErrorCode, NotFoundError, PixeltableWarning, RequestError, did_you_mean
from pixeltable.exec.prepare import columns_of
from pixeltable.exec.query_columns import row_id_ref
from pixeltable.exprs import build, checks
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr, WrittenExpr, require_expression
from pixeltable.exprs.naming import free_name
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.plan.query import How, Join, OrderKey, Output, QuerySpec, Sample, Source, TableSource
from pixeltable.session import Session
from pixeltable.types.column_type import Kind

HOWS = ('inner', 'left', 'right', 'full_outer', 'cross')


def check_rows(value: Any, parameter: str) -> None:
    """Raises INVALID_ARGUMENT for what is no number of rows, TYPE_MISMATCH for no int, MISSING_REQUIRED for None."""
    if isinstance(value, bool) or not isinstance(value, int):
        code = ErrorCode.MISSING_REQUIRED if value is None else ErrorCode.TYPE_MISMATCH
        raise RequestError(code, f'{parameter} must be an int, not {value!r}.')
    check_count(value, parameter)


def not_after(verb: str, clause: str) -> RequestError:
    """The error for a clause that cannot follow another."""
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION, f'{verb}() does not go with {clause}(); use query.subquery().{verb}(...).'
    )


def outputs(items: Sequence[Any], named: Mapping[str, Any]) -> tuple[Output, ...] | None:
    """The select list; None for an empty one, which means everything."""
    for name in named:
        if name.startswith('_') or not name.isidentifier():
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{name!r} cannot name a result column: a name holds letters, digits and _, and starts with a letter.',
            )
    found = list[Output]()
    for item in items:
        taken = {*named, *(output.name for output in found)}
        own = free_name(item.__pxt_name__, taken) if isinstance(item, WrittenExpr) else None
        found.append(Output(own, build.node(item)))
    for output in found:
        if isinstance(output.node, ColumnRef) and output.node.name in named:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'select(): two results are called {output.node.name!r}, a column and {output.node.name}=…; rename one.',
            )
    found += [Output(name, build.node(item)) for name, item in named.items()]
    return tuple(found) or None


def warn_of_names(session: Session, query: QuerySpec, items: Sequence[Any]) -> None:
    """Warns of a text that is the name of a column, which may have been meant: it is a constant."""
    for item in items:
        if isinstance(item, str) and _named(session, query.source, item):
            warnings.warn(
                f'select({item!r}) gives this text in each row: for the column, write t.{item}; for the text without this '
                f'warning, name it: select(x={item!r}).',
                PixeltableWarning,
                stacklevel=4,
            )


def order_keys(keys: Sequence[Any], asc: Any, nulls: Any) -> tuple[OrderKey, ...]:
    if nulls not in (None, 'first', 'last'):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f"order_by(): nulls is 'first' or 'last', not {nulls!r}.")
    if not isinstance(asc, bool):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'order_by(): asc is True or False, not {asc!r}.')
    return tuple(OrderKey(require_expression(key, 'order_by()'), asc, nulls) for key in keys)


def group_key(key: Any) -> Node:
    """A key of groups: an expression, or the table that a view is of, which puts the rows made from one row of it together."""
    return key._row_id_node() if isinstance(key, Handle) else require_expression(key, 'group_by()')


def source_of(other: Any, what: str) -> Source:
    """A table, a sub-query, or a query as a source of rows."""
    if isinstance(other, Expr) or not isinstance(other, Readable):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{what} takes a table or a query, not {other!r:.80}.')
    spec = other._query()._spec
    if spec == QuerySpec(spec.source):
        return spec.source
    return other._query().subquery()._source_item


def join(session: Session, query: QuerySpec, source: Source, on: Any, how: Any) -> Join:
    """A join of what `query` reads with `source`."""
    if how not in HOWS:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'join(): how is one of {", ".join(map(repr, HOWS))}, not {how!r}.'
        )
    if query.sample is not None:
        raise not_after('join', 'sample')
    if source in query.sources:
        name = source.path if isinstance(source, TableSource) else 'the sub-query'
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'join(): the query reads {name!r} already; to join it with itself, take other = t.subquery() and use its columns.',
        )
    if (on is None) is not (how == 'cross'):
        what = (
            'a cross join takes no condition: leave out on'
            if on is not None
            else 'say on what, as in on=t.id == u.t_id'
        )
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'join(): {what}.')
    return Join(source, cast(How, how), None if on is None else _condition(session, query, source, on))


def _condition(session: Session, query: QuerySpec, source: Source, on: Any) -> Node:
    if isinstance(on, (str, Sequence)):
        names = [on] if isinstance(on, str) else list(on)
        conditions = [_same_column(session, query, source, each) for each in names]
    else:
        node = require_expression(on, 'join(on=…)')
        if isinstance(node, ColumnRef) and node.type.kind is not Kind.BOOL:
            conditions = [_same_column(session, query, source, on)]
        else:
            checks.check_single_row(node, 'join(on=…)')
            if node.type.kind is not Kind.BOOL:
                raise RequestError(
                    ErrorCode.TYPE_MISMATCH,
                    f'join(on=…) takes a condition or columns; {display(node)} is of type {node.type}.',
                )
            conditions = [node]
    joined = build.conjunction(conditions)
    if joined is None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'join(on=[]): name at least one column.')
    return joined


def _same_column(session: Session, query: QuerySpec, source: Source, column: Any) -> Node:
    """The condition that a column, given itself or by its name, is equal on both sides."""
    given = getattr(column, '__pxt_node__', None)
    name = given.name if isinstance(given, ColumnRef) else column
    if not isinstance(name, str):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'join(on=…) takes columns or their names, not {column!r:.80}.')
    left = [node for each in query.sources for node in _named(session, each, name)]
    right = _named(session, source, name)
    if isinstance(given, ColumnRef):
        left = [node for node in left if node == given] or (left if given in right else [given])
    for side, found in (('left', left), ('right', right)):
        if not found:
            raise _no_column(session, [source] if side == 'right' else query.sources, side, name)
        if len(found) > 1:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'join(): several tables on the {side} side have a column {name!r}; write out on=t.k == u.k.',
            )
    return build.operation('eq', Expr(left[0]), Expr(right[0]))


def _no_column(session: Session, sources: Sequence[Source], side: str, name: str) -> NotFoundError:
    names = [output.name or '' for source in sources for output in columns_of(session.engine, source)]
    return NotFoundError(
        ErrorCode.COLUMN_NOT_FOUND,
        f'join(): the {side} side has no column {name!r}.{did_you_mean(name, names)} Columns: {", ".join(names)}.',
    )


def _named(session: Session, source: Source, name: str) -> list[Node]:
    found = [output.node for output in columns_of(session.engine, source) if output.name == name]
    if not found and name == 'id' and isinstance(source, TableSource):
        return [row_id_ref(source)]
    return found


def sample(query: QuerySpec, n: Any, n_per_stratum: Any, fraction: Any, seed: Any, stratify_by: Any) -> Sample:
    """See `Table.sample`."""
    given = [value for value in (n, n_per_stratum, fraction) if value is not None]
    if len(given) != 1:
        raise RequestError(
            ErrorCode.MISSING_REQUIRED,
            f'sample() takes exactly one of n, n_per_stratum and fraction, not {len(given)}.',
        )
    for name, value in (('n', n), ('n_per_stratum', n_per_stratum)):
        if value is not None:
            check_rows(value, f'sample(): {name}')
    if fraction is not None and (
        isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 <= fraction <= 1
    ):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'sample(): fraction must be a number from 0 to 1, not {fraction!r}.'
        )
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise RequestError(ErrorCode.TYPE_MISMATCH, f'sample(): seed must be an int, not {seed!r}.')
    if n_per_stratum is not None and stratify_by is None:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, 'sample(n_per_stratum=…) needs stratify_by.')
    for clause, there in _CLAUSES:
        if there(query):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'sample() does not go with {clause}(); use query.subquery().sample(...), or sample first.',
            )
    strata = [] if stratify_by is None else stratify_by if isinstance(stratify_by, (list, tuple)) else [stratify_by]
    nodes = tuple(require_expression(each, 'sample(stratify_by=…)') for each in strata)
    for node in nodes:
        checks.check_single_row(node, 'sample(stratify_by=…)')
    return Sample(n, n_per_stratum, fraction, 0 if seed is None else seed, nodes)


_CLAUSES: tuple[tuple[str, Any], ...] = (
    ('join', lambda query: query.joins),
    ('group_by', lambda query: query.group_by is not None),
    ('order_by', lambda query: query.order_by),
    ('limit', lambda query: query.limit is not None),
    ('distinct', lambda query: query.distinct),
    ('sample', lambda query: query.sample is not None),
    ('a sub-query and sample', lambda query: not isinstance(query.source, TableSource)),
)
