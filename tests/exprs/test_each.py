from __future__ import annotations

from collections.abc import Callable

import pytest

import pixeltable.functions as pxtf
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.codec import decode, encode
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ForEach
from pixeltable.types import spelling as pxt
from pixeltable.types.column_type import INT, JSON, ColumnType

Column = Callable[[str, ColumnType], Expr]
TYPED = pxt.parse(pxt.Json[[{'name': pxt.String, 'score': pxt.Float}]], what='a test')


def test_it_reads_as_it_was_written(column: Column) -> None:
    j = column('j', JSON)
    assert repr(j.a.map(lambda r: r.b + 1)) == 'j.a.map(lambda r: r.b + 1)'
    assert repr(j['*'].filter(lambda box: box.score > 0.5)) == 'j[*].filter(lambda box: box.score > 0.5)'
    assert repr(j.sort(lambda r: r.b, asc=False)) == 'j.sort(lambda r: r.b, asc=False)'
    assert repr(pxtf.sort(j)) == 'j.sort()'
    nested = j.map(lambda a: a.parts.map(lambda b: a.x + b.y))
    assert repr(nested) == 'j.map(lambda a: a.parts.map(lambda b: a.x + b.y))'


def test_types_propagate(column: Column) -> None:
    people = column('people', TYPED)
    assert str(people.map(lambda p: p.name.upper()).col_type) == 'Json[(String, ...)]'
    assert people.filter(lambda p: p.score > 1).col_type == TYPED
    assert people.sort(lambda p: p.score).col_type == TYPED
    with pytest.raises(RequestError, match=r"has no key 'nme'.*Did you mean 'name'"):
        people.map(lambda p: p.nme)


def test_equal_expressions_are_equal_nodes_and_nested_items_differ(column: Column) -> None:
    j = column('j', JSON)
    one, two = j.map(lambda a: a.x).__pxt_node__, j.map(lambda b: b.x).__pxt_node__
    assert one == two
    nested = j.map(lambda a: j.map(lambda b: a.x + b.x)).__pxt_node__
    assert isinstance(nested, ForEach)
    assert isinstance(nested.body, ForEach)
    assert nested.body.element != nested.element


def test_codec_round_trip(column: Column) -> None:
    node = column('j', JSON).map(lambda r: {'x': r.b, 'y': [1, f'{r.c}']}).__pxt_node__
    document = encode(node, lambda function: {})
    found = decode(document, lambda ref: ref, lambda document: pytest.fail('no function here'))
    assert found == node
    assert display(found) == display(node)


def test_mistakes(column: Column) -> None:
    j = column('j', JSON)
    with pytest.raises(RequestError, match=r'map\(\) takes a function of an item') as caught:
        j.map(5)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
    with pytest.raises(RequestError, match=r'map\(\) takes a function of an item'):
        pxtf.map(j, None)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match=r'the function failed.*called once') as caught:
        j.map(lambda r: len(r.x))
    assert caught.value.error_code is ErrorCode.INVALID_EXPRESSION
    with pytest.raises(RequestError, match='needs a Bool condition') as caught:
        j.filter(lambda r: r.b.astype(pxt.String))
    assert caught.value.error_code is ErrorCode.INVALID_EXPRESSION
    with pytest.raises(RequestError, match=r'sort\(\) works on Json lists; n is of type Int') as caught:
        pxtf.sort(column('n', INT))
    assert caught.value.error_code is ErrorCode.TYPE_MISMATCH
