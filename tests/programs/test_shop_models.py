"""A shop declared as classes: tables with made keys, a view of one, a search; and a search whose rows change."""

from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.udf(batch_size=8)
def embed(text: pxt.func.Batch[str]) -> pxt.func.Batch[pxt.Array[(31,), pxt.Float]]:
    vectors = np.zeros((len(text), 31), dtype=np.float32)
    for vector, each in zip(vectors, text, strict=True):
        for word in each.lower().split():
            vector[sum(map(ord, word)) % 31] += 1
    return list(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1))


class Shop:
    """The models, bound to the tables of one home."""

    def __init__(self) -> None:
        Base = pxt.model_base()  # noqa: N806

        class Item(Base, name='items', comment='what is sold'):
            title: pxt.String | None
            price: pxt.Float
            key = pxt.Column(value=pxtf.uuid.uuid7(), primary_key=True)
            shown = pxtf.string.format('{0} for {1}', title, price)  # noqa: F821
            __indexes__ = [pxt.EmbeddingIndex(title, embedding=embed, name='by_title')]  # noqa: F821, RUF012

        class Cheap(Base, name='cheap', base=Item.where(Item.price < 20)):
            half = Item.price / 2

        self.Base, self.Item, self.Cheap = Base, Item, Cheap


@pytest.fixture
def shop(home) -> Shop:
    shop = Shop()
    shop.Base.create_all()
    titles = [('red cotton shirt', 10.0), ('blue denim jeans', 50.0), ('red wool hat', 15.0), (None, 5.0)]
    shop.Item.insert({'title': title, 'price': price} for title, price in titles)
    return shop


def test_models_and_what_they_derive(shop: Shop) -> None:
    item, cheap = shop.Item, shop.Cheap
    assert item.order_by(item.price).collect()['shown'][1:] == [
        'red cotton shirt for 10.0',
        'red wool hat for 15.0',
        'blue denim jeans for 50.0',
    ]
    assert cheap.order_by(cheap.price).select(cheap.half).collect()['half'] == [2.5, 5.0, 7.5]
    key = item.where(item.price == 50).collect()[0, 'key']
    item.batch_update([{'key': key, 'price': 19.0}])
    assert cheap.count() == 4
    assert {diff.resolution for diff in Shop().Base.get_model_diff().values()} == {'up_to_date'}


def test_a_search_keeps_up(shop: Shop) -> None:
    item = shop.Item.table
    near = item.title.similarity(string='red shirt')
    nearest = item.order_by(near, asc=False)
    titles = ['red cotton shirt', 'red wool hat', 'blue denim jeans', None]
    assert nearest.limit(10).collect()['title'] == titles
    assert item.where(item.price < 12).order_by(near, asc=False).limit(2).collect()['title'] == [
        'red cotton shirt',
        None,
    ]
    item.update({'title': 'green cotton shirt'}, where=item.price == 10)
    assert nearest.limit(1).select(item.title, near=near.round(2)).collect()[0] == {
        'title': 'red wool hat',
        'near': 0.41,
    }
    item.delete(item.title == 'red wool hat')
    item.revert()
    assert nearest.limit(1).collect()['title'] == ['red wool hat']

    @pxt.query
    def search(text: str, most: float = 100.0):
        similarity = item.title.similarity(string=text)
        return item.where((item.price <= most) & (similarity > 0.3)).order_by(similarity, asc=False).select(item.price)

    asked = pxt.create_table('asked', {'text': pxt.String, 'budget': pxt.Float | None})
    asked.add_computed_column(found=search(asked.text))
    asked.insert([{'text': 'wool hat'}, {'text': 'denim'}])
    found = asked.order_by(asked.text).select(asked.found[0].price, some=pxtf.json.len(asked.found) > 0).collect()
    assert list(found) == [{'found_0_price': 50.0, 'some': True}, {'found_0_price': 15.0, 'some': True}]
