"""Models of views: columns of their base, and how a view may differ from its model."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.functions.json import list_iterator

LINES = pxt.Json[[{'item': pxt.String, 'n': pxt.Int}]]


def declare(Base):  # noqa: N803
    class Docs(Base, name='docs'):
        k: pxt.Int
        text: pxt.String | None

    return Docs


@pytest.fixture
def Base():  # noqa: N802
    return pxt.model_base()


@pytest.fixture
def Docs(Base):  # noqa: N802, N803
    return declare(Base)


def test_columns_of_bases_and_iterators(Base) -> None:  # noqa: N803
    class Orders(Base, name='orders'):
        k: pxt.Int
        lines: LINES | None

    class Lines(Base, name='lines', base=Orders.where(Orders.k > 0), iterator=list_iterator(Orders.lines)):
        label = item + f' {n}'  # noqa: F821

    class Many(Base, name='many', base=Lines.where(Lines.n > 1).select(Lines.item, double=Lines.n * 2)):
        more = double + 1  # noqa: F821

    assert (str(Lines.n.col_type), str(Many.double.col_type)) == ('Int', 'Int')
    with pytest.raises(AttributeError, match='lines'):
        _ = Many.lines
    Base.create_all()
    Orders.insert([{'k': 1, 'lines': [{'item': 'tea', 'n': 1}, {'item': 'milk', 'n': 3}]}, {'k': 0, 'lines': []}])
    assert list(Lines.order_by(Lines.pos).select(Lines.label, Lines.k).collect()) == [
        {'label': 'tea 1', 'k': 1},
        {'label': 'milk 3', 'k': 1},
    ]
    assert list(Many.select(Many.item, Many.double, Many.more).collect()) == [{'item': 'milk', 'double': 6, 'more': 7}]
    assert {diff.resolution for diff in Base.get_model_diff().values()} == {'up_to_date'}


def test_views_that_are_made_otherwise(Base, Docs) -> None:  # noqa: N803
    class Long(Base, name='long', base=Docs.where(Docs.k > 1).select(Docs.k, Docs.text)):
        pass

    Base.create_all()

    def found(view) -> list[str]:
        base = pxt.model_base()
        view(base, declare(base))
        return [op.name for op in base.get_model_diff()['long'].ops if op.severity == 'unsupported']

    def another_filter(base, docs):
        class Long(base, name='long', base=docs.where(docs.k > 2).select(docs.k, docs.text)):
            pass

    def other_columns(base, docs):
        class Long(base, name='long', base=docs.where(docs.k > 1).select(docs.k)):
            pass

    def another_base(base, docs):
        class Middle(base, name='middle', base=docs):
            pass

        class Long(base, name='long', base=Middle.where(Middle.k > 1).select(Middle.k, Middle.text)):
            pass

    assert (found(another_filter), found(other_columns), found(another_base)) == (['view_filter'], ['long'], ['base'])
