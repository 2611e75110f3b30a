from __future__ import annotations

import pytest

import pixeltable as pxt

openpyxl = pytest.importorskip('openpyxl')


@pytest.fixture
def sheet(tmp_path):
    book = openpyxl.Workbook()
    for row in (['The Name', 'n'], ['a', 1], ['b', None]):
        book.active.append(row)
    book.save(tmp_path / 'rows.xlsx')
    return tmp_path / 'rows.xlsx'


def test_a_table_from_a_sheet(sheet) -> None:
    t = pxt.create_table('t', source=sheet)
    assert list(t.collect()) == [{'the_name': 'a', 'n': 1.0}, {'the_name': 'b', 'n': None}]


def test_a_broken_file(sheet) -> None:
    sheet.write_text('no')
    with pytest.raises(pxt.RequestError, match='cannot be read as excel'):
        pxt.create_table('t', source=sheet)
