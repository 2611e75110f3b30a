"""Expression trees as JSON documents, the form in which the catalog stores them.

Each node is `{"<tag>": …, "type": …}` with a tag of this module's own, never a class path. Functions are encoded by whoever knows
how they are stored, through the two callables that are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pixeltable.errors import ErrorCode, InternalError, RequestError
from pixeltable.exprs import build, codec_windows
from pixeltable.exprs.codec_values import decode_value, encode_value
from pixeltable.exprs.nodes import (
    AllItems,
    ArrayItem,
    Call,
    Cast,
    CellProperty,
    ColumnRef,
    Element,
    ForEach,
    FunctionLike,
    InZone,
    IsIn,
    JsonPath,
    Literal,
    MakeDict,
    MakeList,
    Node,
    Operation,
    Replacement,
    Similarity,
    Slice,
    Template,
)
from pixeltable.types.column_type import from_document, to_document

Document = dict[str, Any]
EncodeFunction = Callable[[FunctionLike], Document]
DecodeFunction = Callable[[Document], FunctionLike]
ResolveColumn = Callable[[ColumnRef], Node]


def encode(node: Node, function: EncodeFunction) -> Document:
    """The document of an unbound tree."""
    document = _encode(node, function)
    document['type'] = to_document(node.type)
    return document


def _encode(node: Node, function: EncodeFunction) -> Document:
    def nested(child: Node) -> Document:
        return encode(child, function)

    match node:
        case Literal(value=value):
            return {'literal': encode_value(value)}
        case ColumnRef(table_id=table_id, column_id=column_id, name=name, table_path=path):
            return {'column': [table_id, column_id], 'name': name, 'path': path}
        case Operation(op=op, args=args):
            return {'operation': op, 'args': [nested(arg) for arg in args]}
        case IsIn(arg=arg, values=values):
            return {'is_in': nested(arg), 'values': [nested(value) for value in values]}
        case Cast(arg=arg, implied=implied):
            return {'cast': nested(arg)} | ({'implied': True} if implied else {})
        case InZone(arg=arg, zone=zone):
            return {'in_zone': zone, 'of': nested(arg)}
        case JsonPath(arg=arg, path=path):
            return {'json_path': nested(arg), 'path': [_encode_step(step) for step in path]}
        case ArrayItem(arg=arg, index=index):
            return {'array_item': nested(arg), 'index': [_encode_step(step) for step in index]}
        case Template(parts=parts):
            return {'template': [part if isinstance(part, str) else _encode_part(part, nested) for part in parts]}
        case Element(depth=depth, name=name):
            return {'element': depth, 'name': name}
        case ForEach(verb=verb, arg=arg, body=body, element=element, ascending=ascending):
            steps = {'body': nested(body), 'element': nested(element), 'ascending': ascending}
            return {'for_each': nested(arg), 'verb': verb, **steps}
        case MakeList(items=items):
            return {'list': [nested(item) for item in items]}
        case MakeDict(keys=keys, values=values):
            return {'dict': list(keys), 'values': [nested(value) for value in values]}
        case Call(function=callee, names=names, args=args):
            return {'call': function(callee), 'names': list(names), 'args': [nested(arg) for arg in args]}
        case CellProperty(column=column, property=name):
            return {'property': name, 'of': nested(column)}
        case Similarity(embedding=embedding, query=query, metric=metric, column_name=name):
            return {'similarity': nested(embedding), 'query': nested(query), 'metric': metric, 'name': name}
    document = codec_windows.encode(node, nested, function)
    if document is not None:
        return document
    raise InternalError(ErrorCode.INTERNAL_ERROR, f'{type(node).__name__} cannot be stored.')


def decode(document: Document, column: ResolveColumn, function: DecodeFunction) -> Node:
    """The tree of a document. `column` gives the node for a stored column reference, as it is called today."""

    def nested(child: Document) -> Node:
        return decode(child, column, function)

    type_ = from_document(document['type'])
    match document:
        case {'literal': value}:
            return build.literal(decode_value(value), type_)
        case {'column': [table_id, column_id], 'name': name, 'path': path}:
            return column(ColumnRef(type_, table_id, column_id, name, path))
        case {'operation': op, 'args': args}:
            return Operation(type_, op, tuple(nested(arg) for arg in args))
        case {'is_in': arg, 'values': values}:
            literals = (nested(value) for value in values)
            return IsIn(type_, nested(arg), tuple(item for item in literals if isinstance(item, Literal)))
        case {'cast': arg}:
            return Cast(type_, nested(arg), document.get('implied', False))
        case {'in_zone': zone, 'of': of}:
            return InZone(type_, nested(of), zone)
        case {'json_path': arg, 'path': path}:
            return JsonPath(type_, nested(arg), tuple(_decode_step(step) for step in path))
        case {'array_item': arg, 'index': index}:
            return ArrayItem(type_, nested(arg), tuple(_decode_step(step) for step in index))
        case {'template': parts}:
            decoded = (p if isinstance(p, str) else Replacement(nested(p['arg']), p['spec']) for p in parts)
            return Template(type_, tuple(decoded))
        case {'element': depth, 'name': name}:
            return Element(type_, depth, name)
        case {'for_each': arg, 'verb': verb, 'body': body, 'element': element, 'ascending': ascending}:
            item = nested(element)
            assert isinstance(item, Element)
            return ForEach(type_, verb, nested(arg), nested(body), item, ascending)
        case {'list': items}:
            return MakeList(type_, tuple(nested(item) for item in items))
        case {'dict': keys, 'values': values}:
            return MakeDict(type_, tuple(keys), tuple(nested(value) for value in values))
        case {'call': callee, 'names': names, 'args': args}:
            found = function(callee)
            return Call(type_, found, found.key, tuple(names), tuple(nested(arg) for arg in args))
        case {'property': name, 'of': of}:
            return CellProperty(type_, nested(of), name)
        case {'similarity': embedding, 'query': query, 'metric': metric, 'name': name}:
            return Similarity(type_, nested(embedding), cast(Literal, nested(query)), metric, name)
    node = codec_windows.decode(document, type_, nested, function)
    if node is not None:
        return node
    raise RequestError(
        ErrorCode.INVALID_DATA_FORMAT,
        f'an expression of an unknown kind is stored here: {sorted(document)}; a newer Pixeltable may have written it.',
    )


def _encode_part(part: Replacement, nested: Callable[[Node], Document]) -> Document:
    return {'arg': nested(part.arg), 'spec': part.format_spec}


def _encode_step(step: Any) -> Any:
    if isinstance(step, Slice):
        return {'slice': [step.start, step.stop, step.step]}
    if isinstance(step, AllItems):
        return {'all': True}
    return {'ellipsis': True} if step is Ellipsis else step


def _decode_step(step: Any) -> Any:
    match step:
        case {'slice': [start, stop, stride]}:
            return Slice(start, stop, stride)
        case {'all': _}:
            return AllItems()
        case {'ellipsis': _}:
            return Ellipsis
        case _:
            return step
