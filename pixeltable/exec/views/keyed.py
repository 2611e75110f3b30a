"""What tells the rows of a query apart, however many queries are inside it: a row has the same keys before and after a change.

The rows of a table have ids, those of a join the ids of all of its rows, groups their keys, distinct rows all that they hold.
Of `union(..., all=True)`, the number of the query that a row is of is one more key; each query has keys of its own, NULL for the
rows of the others. A union of different rows is taken for the different rows of such a union.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixeltable.exec.engine import Engine
from pixeltable.exec.prepare import columns_of, outputs_of
from pixeltable.exec.query_columns import has_no_groups, row_id_ref
from pixeltable.exprs.build import literal
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.plan.query import Join, Output, QuerySpec, Source, SubQuery, TableSource, Union
from pixeltable.types.column_type import INT


def keyed(engine: Engine, spec: QuerySpec) -> tuple[QuerySpec, list[Node]]:
    """The query with all columns named, over sources that give their keys as columns too; and expressions for its own keys."""
    outputs = tuple(outputs_of(engine, spec))
    sources = [_keyed_source(engine, source) for source in spec.sources]
    joins = tuple(Join(source, join.how, join.on) for join, (source, _) in zip(spec.joins, sources[1:], strict=True))
    keyed_spec = replace(spec, source=sources[0][0], joins=joins, outputs=outputs)
    if spec.distinct:
        return keyed_spec, [output.node for output in outputs]
    if not has_no_groups(keyed_spec):
        return keyed_spec, list(spec.group_by or ())
    return keyed_spec, [key for _, keys in sources for key in keys]


def _keyed_source(engine: Engine, source: Source) -> tuple[Source, list[Node]]:
    match source:
        case TableSource():
            return source, [row_id_ref(source)]
        case SubQuery(key=key, query=query):
            inner, keys = keyed(engine, query)
            outputs, places = _with(inner.outputs or (), keys)
            return SubQuery(key, replace(inner, outputs=outputs)), [_column(key, outputs, place) for place in places]
        case Union(key=key, queries=queries, distinct=True):
            every = Union(f'{key}_all', queries, distinct=False)
            columns = tuple(columns_of(engine, every))
            return _keyed_source(engine, SubQuery(key, QuerySpec(every, outputs=columns, distinct=True)))
        case Union(key=key, queries=queries):
            return _keyed_union(key, [keyed(engine, query) for query in queries])


def _keyed_union(key: str, parts: Sequence[tuple[QuerySpec, list[Node]]]) -> tuple[Source, list[Node]]:
    every = [(number, node) for number, (_, keys) in enumerate(parts) for node in keys]
    queries = []
    for number, (inner, _) in enumerate(parts):
        own = [node if owner == number else literal(None, node.type.with_nullable(True)) for owner, node in every]
        added = [Output(f'_key{place}', node) for place, node in enumerate([literal(number), *own])]
        queries.append(replace(inner, outputs=(*(inner.outputs or ()), *added)))
    outputs = queries[0].outputs or ()
    types = [INT, *(node.type.with_nullable(True) for _, node in every)]
    first = len(outputs) - len(types)
    keys: list[Node] = [
        ColumnRef(type_, key, first + place, outputs[first + place - 1].name or '', '')
        for place, type_ in enumerate(types, 1)
    ]
    return Union(key, tuple(queries), False), keys


def _with(outputs: Sequence[Output], keys: Sequence[Node]) -> tuple[tuple[Output, ...], list[int]]:
    """The outputs with those keys that are none of them, and the places of all keys."""
    known = {output.node: place for place, output in reversed(list(enumerate(outputs)))}
    new = [key for key in dict.fromkeys(keys) if key not in known]
    known |= {key: len(outputs) + number for number, key in enumerate(new)}
    added = (Output(f'_key{number}', key) for number, key in enumerate(new, 1))
    return (*outputs, *added), [known[key] for key in keys]


def _column(key: str, outputs: Sequence[Output], place: int) -> ColumnRef:
    return ColumnRef(outputs[place].node.type, key, place + 1, outputs[place].name or '', '')
