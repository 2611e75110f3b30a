"""From clauses to a plan, and what cannot be planned."""

from __future__ import annotations

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build as nodes
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.windows import Ordering
from pixeltable.plan.build import Base, build
from pixeltable.plan.logical import Aggregate, Distinct, Filter, Limit, Named, Project, Sort
from pixeltable.plan.query import OrderKey, QuerySpec, TableSource
from pixeltable.types.column_type import INT


def plan(scan, outputs, in_order=True, **clauses):
    return build(
        QuerySpec(TableSource('t', 't'), **clauses),
        outputs,
        Base(scan, (Field(INT, 'row_id'),), in_order),
        lambda node: node,
    )


def out(f, *names):
    return tuple(Named(name, f.node(getattr(f, name))) for name in names)


def test_the_order_of_steps(f, scan) -> None:
    a = f.node(f.a)
    found = plan(scan, out(f, 's'), predicates=(f.node(f.a > 1),), order_by=(OrderKey(a, False),), limit=3, offset=1)
    keys = (Ordering(a, False), Ordering(Field(INT, 'row_id'), True))  # equal keys keep the order of insertion
    assert found == Project(Limit(Sort(Filter(scan, f.node(f.a > 1)), keys), 3, 1), out(f, 's'))


def test_rows_come_in_the_order_of_insertion(f, scan) -> None:
    assert plan(scan, out(f, 'a')) == Project(scan, out(f, 'a'))
    by_id = (Ordering(Field(INT, 'row_id'), True),)
    assert plan(scan, out(f, 'a'), in_order=False) == Project(Sort(scan, by_id), out(f, 'a'))


def test_groups(f, scan) -> None:
    a, total = f.node(f.a), nodes.aggregate('sum', f.node(f.b))
    found = plan(scan, (Named('a', a), Named('s', total)), group_by=(a,))
    step = Aggregate(scan, (Named('key0', a),), (Named('aggregate0', total),))
    assert found == Project(step, (Named('a', Field(INT, 'key0')), Named('s', Field(total.type, 'aggregate0'))))


def test_distinct_sorts_what_it_selected(f, scan) -> None:
    found = plan(scan, out(f, 'a'), distinct=True, order_by=(OrderKey(f.node(f.a)),))
    field = Field(INT, 'a')
    assert found == Project(Sort(Distinct(Project(scan, out(f, 'a'))), (Ordering(field, True),)), (Named('a', field),))


def test_a_limit_leaves_nothing_to_chance(f, scan) -> None:
    found = plan(scan, out(f, 'a', 's'), distinct=True, order_by=(OrderKey(f.node(f.s), False),), limit=2)
    keys = (Ordering(Field(f.node(f.s).type, 's'), False), Ordering(Field(INT, 'a'), True))
    assert isinstance(found.input, Limit)
    assert found.input.input == Sort(Distinct(Project(scan, out(f, 'a', 's'))), keys)
    found = plan(scan, out(f, 'a'), group_by=(f.node(f.a),), offset=1)
    assert found.input.input.keys == (Ordering(Field(INT, 'key0'), True),)


def test_single_rows_do_not_mix_with_groups(f, scan) -> None:
    with pytest.raises(RequestError, match='mixes single rows with groups') as caught:
        plan(scan, out(f, 'b'), group_by=(f.node(f.a),))
    assert caught.value.error_code is ErrorCode.INVALID_EXPRESSION
