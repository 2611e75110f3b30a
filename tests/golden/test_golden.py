"""A home of any format is read exactly, goes on working, and is whole."""

from __future__ import annotations

from typing import Any

import pixeltable as pxt


def holds(found: Any, expected: Any) -> bool:
    """Whether `found` is `expected`, but for keys that later releases added."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and holds(found[name], value) for name, value in expected.items()
        )
    return bool(found == expected)


def test_everything_is_read_as_it_was_written(old_home, description, expected) -> None:
    then, now = expected(old_home), description.describe(pxt)
    assert now['directories'] == then['directories']
    assert list(now['tables']) == list(then['tables'])
    for path, table in then['tables'].items():
        assert now['tables'][path].keys() == table.keys()
        for part, value in table.items():
            assert holds(now['tables'][path][part], value), (path, part)


def test_a_snapshot_with_a_path_of_its_own(old_home) -> None:
    metadata = pxt.get_table('library/old/books').get_metadata()
    assert (metadata['comment'], metadata['custom_metadata']) == ('as it was', {'by': 'hand'})


def test_it_is_whole(old_home) -> None:
    report = pxt.verify(sample=100)
    # Cells of older code, cells that are not computed yet, and functions that may vary.
    meant = (
        "'changing'",
        "'accepted'",
        "'waiting'",
        *(f"column '{name}' was not" for name in ('close', 'small', 'pale')),
    )
    assert report.problems == ()
    assert [note for note in report.notes if not any(part in note for part in meant)] == []
    assert report.cells > 300


def test_work_goes_on(old_home) -> None:
    t = pxt.get_table('library/books')
    before = t.count()
    t.insert([{'title': 'new', 'pages': 2000, 'rating': 9.0}])
    t.update({'title': 'newer'}, where=t.pages == 2000)
    t.delete(where=t.pages == 0)
    (row,) = t.where(t.pages == 2000).select(t.title, t.loud, t.square).collect()
    assert row == {'title': 'newer', 'loud': 'NEWER!', 'square': 4_000_000}
    assert t.count() == before
    pxt.restore(t, snapshot='first')
    assert t.count() == 600
    t.add_computed_column(words=t.title.split().len())
    assert t.where(t.words == None).count() == 0  # noqa: E711


def test_row_ids_are_not_given_out_again(old_home) -> None:
    t = pxt.get_table('drops')
    newest = max(t.select(i=t.id).collect()['i'])
    t.insert([{'n': 1000}])
    assert t.where(t.n == 1000).select(i=t.id).collect()['i'] == [newest + 1]
