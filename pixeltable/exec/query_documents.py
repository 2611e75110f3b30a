"""Queries as JSON-able documents, and their parameters: what `as_dict`, stored `@pxt.query` functions and calls of them need."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.resolve import Resolver
from pixeltable.exprs import codec
from pixeltable.exprs.nodes import ColumnRef, Literal, Node, Parameter, Similarity
from pixeltable.exprs.visit import transform, walk
from pixeltable.plan.query import (
    How,
    Join,
    OrderKey,
    Output,
    QuerySpec,
    Sample,
    Source,
    SubQuery,
    TableSource,
    Union,
    queries_in,
)

Document = dict[str, Any]
Change = Callable[[Node], Node]
VERSION = 1


def parameters(spec: QuerySpec) -> dict[str, Parameter]:
    """The parameters of a query, by name, in the order in which they are met."""
    return {
        found.name: found for node in every_node(spec) for found in _with_items(node) if isinstance(found, Parameter)
    }


def _with_items(node: Node) -> Iterator[Node]:
    """Everything below a node, and in what similarities compare with."""
    for found in walk(node):
        yield found
        if isinstance(found, Similarity):
            yield from _with_items(found.query)


def every_node(spec: QuerySpec) -> Iterator[Node]:
    """Every expression of a query, those of the queries inside it too."""
    yield from spec.nodes
    if isinstance(spec.limit, Parameter):
        yield spec.limit
    for source in spec.sources:
        for query in queries_in(source):
            yield from every_node(query)


def with_values(spec: QuerySpec, values: Mapping[str, Literal], embed: Change) -> QuerySpec:
    """The query with constants in the place of its parameters. `embed` turns the call of an embedding function, all of whose
    arguments are known now, into its result."""

    def given(node: Node) -> Node | None:
        if isinstance(node, Parameter) and node.name in values:
            return values[node.name]
        if isinstance(node, Similarity) and not isinstance(later := cast(Node, node.query), Literal):
            query = transform(later, given)
            return dataclasses.replace(node, query=query if isinstance(query, Literal) else cast(Literal, embed(query)))
        return None

    changed = changed_nodes(spec, lambda node: transform(node, given))
    if isinstance(spec.limit, Parameter) and spec.limit.name in values:
        changed = dataclasses.replace(changed, limit=_limit(values[spec.limit.name].value))
    return changed


def _limit(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'limit must be an int from 0, not {value!r}.')
    return value


def changed_nodes(spec: QuerySpec, change: Change) -> QuerySpec:
    """The query with every expression changed, of the queries inside it too."""
    sample = spec.sample and dataclasses.replace(spec.sample, strata=tuple(map(change, spec.sample.strata)))
    return dataclasses.replace(
        spec,
        source=_changed_source(spec.source, change),
        joins=tuple(
            Join(_changed_source(join.source, change), join.how, None if join.on is None else change(join.on))
            for join in spec.joins
        ),
        outputs=None if spec.outputs is None else tuple(Output(o.name, change(o.node)) for o in spec.outputs),
        predicates=tuple(map(change, spec.predicates)),
        sample=sample,
        group_by=None if spec.group_by is None else tuple(map(change, spec.group_by)),
        having=tuple(map(change, spec.having)),
        order_by=tuple(OrderKey(change(key.node), key.ascending, key.nulls) for key in spec.order_by),
    )


def _changed_source(source: Source, change: Change) -> Source:
    match source:
        case SubQuery(key=key, query=query):
            return SubQuery(key, changed_nodes(query, change))
        case Union(key=key, queries=queries, distinct=distinct):
            return Union(key, tuple(changed_nodes(query, change) for query in queries), distinct)
    return source


def to_document(spec: QuerySpec, resolver: Resolver) -> Document:
    """A query as data that JSON can hold, with the code of functions that no module has."""
    blobs: dict[str, bytes] = {}

    def node(found: Node | None) -> Any:
        if found is None:
            return None
        stored = resolver.encode(found)
        blobs.update(stored.functions)
        return stored.document

    def source(found: Source) -> Document:
        match found:
            case TableSource(table_id=table_id, path=path, version=version):
                return {'table': table_id, 'path': path, 'version': version}
            case SubQuery(key=key, query=query):
                return {'subquery': key, 'query': clauses(query)}
            case Union(key=key, queries=queries, distinct=distinct):
                return {'union': key, 'queries': [clauses(query) for query in queries], 'distinct': distinct}

    def clauses(query: QuerySpec) -> Document:
        sample = query.sample
        return {
            'source': source(query.source),
            'joins': [{'source': source(join.source), 'how': join.how, 'on': node(join.on)} for join in query.joins],
            'outputs': None
            if query.outputs is None
            else [[output.name, node(output.node)] for output in query.outputs],
            'where': [node(each) for each in query.predicates],
            'sample': sample
            and {**{n: getattr(sample, n) for n in _SAMPLE}, 'strata': [node(each) for each in sample.strata]},
            'group_by': None if query.group_by is None else [node(each) for each in query.group_by],
            'having': [node(each) for each in query.having],
            'order_by': [[node(key.node), key.ascending, key.nulls] for key in query.order_by],
            'limit': node(query.limit) if isinstance(query.limit, Node) else query.limit,
            'offset': query.offset,
            'distinct': query.distinct,
        }

    document = clauses(spec)
    functions = {digest: base64.b64encode(blob).decode() for digest, blob in blobs.items()}
    return {'pixeltable_query': VERSION, **document, 'functions': functions}


def to_stored(spec: QuerySpec, resolver: Resolver) -> Document:
    """The same for the catalog, which the functions are stored in as well, each by itself."""
    document = to_document(spec, resolver)
    for digest, text in document['functions'].items():
        resolver.store_function(digest, base64.b64decode(text))
    return document | {'functions': {}}


_SAMPLE = ('n', 'n_per_stratum', 'fraction', 'seed')


def from_document(document: Any, resolver: Resolver, path_of: Callable[[str, str], str]) -> QuerySpec:
    """The inverse of `to_document`. `path_of` gives the path of a table today, from its id and the path of then.

    Raises INVALID_DATA_FORMAT for what is no such document, and whatever is wrong with its tables and functions.
    """
    if not isinstance(document, Mapping) or document.get('pixeltable_query') != VERSION:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'this is no query that as_dict() gave: {document!r:.80}')
    for digest, text in document['functions'].items():
        resolver.store_function(digest, base64.b64decode(text))

    def node(found: Any) -> Any:
        return None if found is None else codec.decode(found, _same, resolver.function)

    def source(found: Document) -> Source:
        if 'table' in found:
            return TableSource(found['table'], path_of(found['table'], found['path']), found['version'])
        if 'subquery' in found:
            return SubQuery(found['subquery'], clauses(found['query']))
        return Union(found['union'], tuple(map(clauses, found['queries'])), found['distinct'])

    def clauses(found: Document) -> QuerySpec:
        sample, outputs, groups, limit = found['sample'], found['outputs'], found['group_by'], found['limit']
        return QuerySpec(
            source(found['source']),
            tuple(Join(source(join['source']), cast(How, join['how']), node(join['on'])) for join in found['joins']),
            None if outputs is None else tuple(Output(name, node(each)) for name, each in outputs),
            tuple(map(node, found['where'])),
            sample and Sample(**{name: sample[name] for name in _SAMPLE}, strata=tuple(map(node, sample['strata']))),
            None if groups is None else tuple(map(node, groups)),
            tuple(map(node, found['having'])),
            tuple(OrderKey(node(key), ascending, nulls) for key, ascending, nulls in found['order_by']),
            node(limit) if isinstance(limit, dict) else limit,
            found['offset'],
            found['distinct'],
        )

    return clauses(cast(Document, document))


def _same(ref: ColumnRef) -> Node:
    return ref
