"""A catalogue of products: computed columns over texts and Json, changes by key, a view that follows them."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pytest.fixture
def products(home) -> pxt.Table:
    types = {'sku': pxt.String, 'title': pxt.String, 'price': pxt.Float, 'stock': pxt.Int, 'attrs': pxt.Json | None}
    p = pxt.create_table('products', types, primary_key='sku')
    p.insert(
        {
            'sku': f'S{n}',
            'title': f'Item {n} {"Red" if n % 2 else "blue"}',
            'price': 10.0 * n,
            'stock': n * 3 % 7,
            'attrs': {'color': 'red' if n % 2 else 'blue', 'dims': {'w': n, 'h': n + 1}, 'tag_list': ['a'] * n},
        }
        for n in range(1, 8)
    )
    p.add_computed_column(slug=p.title.lower().replace(' ', '-'))
    p.add_computed_column(area=p.attrs.dims.w * p.attrs.dims.h)
    p.add_computed_column(value=p.price * p.stock)
    p.add_computed_column(in_stock=p.stock > 0)
    p.add_computed_column(label=pxtf.string.format('{0} ({1})', p.title, p.sku))
    return p


def test_what_is_shown_and_found(products: pxt.Table) -> None:
    p = products
    first = p.order_by(p.sku).select(p.slug, p.area, p.value, p.in_stock, p.label).head(1)[0]
    assert first == {'slug': 'item-1-red', 'area': 2, 'value': 30.0, 'in_stock': True, 'label': 'Item 1 Red (S1)'}
    large = p.where(p.attrs.dims.w >= 6).select(p.sku, p.attrs.dims.w, p.attrs.tag_list[0]).order_by(p.sku)
    assert [tuple(row.items()) for row in large.collect()] == [
        (('sku', 'S6'), ('attrs_dims_w', 6), ('attrs_taglist0', 'a')),
        (('sku', 'S7'), ('attrs_dims_w', 7), ('attrs_taglist0', 'a')),
    ]
    colors = p.group_by(p.attrs.color).select(c=p.attrs.color, n=pxtf.count(p.sku)).order_by(pxtf.count(p.sku))
    assert [tuple(row.values()) for row in colors.collect()] == [('blue', 3), ('red', 4)]
    assert p.where(p.title.contains('RED', case=False)).count() == 4


def test_changes_reach_the_view(products: pxt.Table) -> None:
    p = products
    gone = pxt.create_view('gone', p.where(p.stock == 0))
    assert gone.count() == 1
    assert p.update({'price': p.price * 0.5, 'stock': 0}, where=p.attrs.color == 'blue').row_count_stats.upd_rows == 3
    assert gone.order_by(gone.sku).select(gone.sku, gone.value).collect()['sku'] == ['S2', 'S4', 'S6', 'S7']
    rows = [{'sku': 'S2', 'stock': 50}, {'sku': 'S9', 'title': 'New', 'price': 1.0, 'stock': 1}]
    p.batch_update(rows, if_not_exists='insert')
    assert p.where(p.sku.isin(['S2', 'S9'])).order_by(p.sku).select(p.value).collect()['value'] == [500.0, 1.0]
    p.update({'attrs': {'color': 'green'}}, where=p.sku == 'S1')
    assert p.where(p.sku == 'S1').select(p.area, p.attrs.dims.w).collect()[0] == {'area': None, 'attrs_dims_w': None}
    p.where(~p.in_stock).delete()
    assert (p.count(), gone.count()) == (5, 0)
