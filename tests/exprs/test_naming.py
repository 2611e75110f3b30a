from __future__ import annotations

import pytest

from pixeltable.exprs import build
from pixeltable.exprs.naming import result_names
from pixeltable.types.column_type import INT, JSON, STRING


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        ('j.b[0].c', 'j_b0_c'),
        ('j[0].c', 'j_0_c'),
        ("j.b['*'].c", 'j_bstar_c'),
        ('j.b[-1]', 'j_b1'),
        ('j.b[1:2]', 'j_b12'),
        ("j['d e']", 'j_de'),
        ("j['größe']", 'j_größe'),
        ('own_j.frame_attrs.Index', 'ownj_frameattrs_index'),
        ("own_j['*']['a-b']", 'ownj_star_ab'),
        ('i + 1', 'col_0'),
        ('3', 'literal'),
        ('[i, 2]', 'col_0'),
    ],
)
def test_a_column_is_named_after_its_expression(column, text, name) -> None:
    columns = {'j': column('j', JSON), 'own_j': column('own_j', JSON), 'i': column('i', INT), 's': column('s', STRING)}
    assert result_names([(None, build.node(eval(text, columns)))]) == [name]


def test_equal_names_are_numbered(column) -> None:
    i = build.node(column('i', INT))
    assert result_names([(None, i), (None, i), ('i_1', i), (None, i)]) == ['i', 'i_2', 'i_1', 'i_3']
