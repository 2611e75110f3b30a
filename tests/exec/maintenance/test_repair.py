"""What is derived is made again, for all versions; what is not is named and stays as it is."""

from __future__ import annotations

import pytest

import pixeltable as pxt


def file_of(damage, home, column: str, *, inlined: bool = False) -> tuple[int, str]:
    """The id and the path of the first file that holds a column."""
    found = damage.sql(home, 'SELECT id, path FROM files WHERE columns LIKE ? ORDER BY id', f'%"{column}"%')
    return next((file_id, path) for file_id, path in found if (path is None) == inlined)


def test_nothing_to_repair(table_home, damage) -> None:
    report = pxt.repair()
    assert report.ok
    assert repr(report).startswith('Nothing to repair')


@pytest.mark.parametrize('content', [None, b'', b'junk'], ids=['missing', 'empty', 'changed'])
def test_a_file_of_a_computed_column(table_home, damage, reopen, content: bytes | None) -> None:
    whole = damage.contents()
    _, path = file_of(damage, table_home, 'twice')
    file = table_home / 'data' / path
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    reopen()
    versions = pxt.get_table('t').get_versions()
    report = pxt.repair('t')
    assert report.ok, report
    (text,) = report.repaired
    assert text == f"table 't', file {path!r}: 'twice' of 9,000 rows computed again."
    assert damage.contents() == whole
    assert pxt.get_table('t').get_versions() == versions
    reopen()
    assert damage.contents() == whole
    assert pxt.verify(sample=100).ok


def test_an_inlined_file_of_a_computed_column(home, damage, reopen) -> None:
    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert({'a': a} for a in range(10))
    t.add_computed_column(b=t.a + 1)
    whole = damage.contents()
    file_id, _ = file_of(damage, home, 'b', inlined=True)
    damage.sql(home, "UPDATE files SET data = x'00' WHERE id = ?", file_id)
    reopen()
    assert pxt.repair().ok
    assert damage.contents() == whole


def test_the_filter_over_keys(table_home, damage, reopen) -> None:
    (path,) = (path for path in damage.objects(table_home) if path.suffix == '.keys')
    content = path.read_bytes()
    path.write_bytes(damage.flip(content, 100))
    reopen()
    report = pxt.repair()
    assert 'the filter over its primary keys was made again' in report.repaired[0]
    assert pxt.verify().ok
    with pytest.raises(pxt.RequestError, match='k = 5'):
        pxt.get_table('t').insert([{'k': 5, 's': 'again', 'f': 0.0}])


def test_a_column_computed_from_a_damaged_one(home, damage, reopen) -> None:
    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert({'a': a} for a in range(10))
    t.add_computed_column(b=t.a + 1)
    t.add_computed_column(c=t.b + 1)
    whole = damage.contents()
    damage.sql(home, "UPDATE files SET data = x'00' WHERE columns LIKE '%\"b\"%' OR columns LIKE '%\"c\"%'")
    reopen()
    report = pxt.repair()
    assert report.ok
    assert len(report.repaired) == 2
    assert damage.contents() == whole


def test_cells_that_failed_and_deleted_rows(home, damage, reopen) -> None:
    @pxt.udf
    def picky(a: int) -> int:
        if a == 3:
            raise ValueError('three')
        return a

    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert({'a': a} for a in range(10))
    t.delete(where=t.a == 1)
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(b=picky(t.a))
    t.delete(where=t.a == 2)
    whole = damage.contents()
    damage.sql(home, "UPDATE files SET data = x'00' WHERE columns LIKE '%\"b\"%'")
    reopen()
    assert '1 cell failed' in pxt.repair().repaired[0]
    assert damage.contents() == whole
    t = pxt.get_table('t')
    assert t.where(t.b.errortype != None).select(t.a, t.b.errormsg).collect() == [{'a': 3, 'b_errormsg': 'three'}]  # noqa: E711


def test_code_that_has_changed_is_told(home, damage, reopen, tmp_path, monkeypatch) -> None:
    module = tmp_path / 'changing_functions.py'
    text = 'import pixeltable as pxt\n@pxt.udf\ndef f(a: int) -> int:\n    return a + 1\n'
    module.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    import changing_functions  # type: ignore[import-not-found]

    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert([{'a': 1}])
    t.add_computed_column(b=changing_functions.f(t.a))
    damage.sql(home, "UPDATE files SET data = x'00' WHERE columns LIKE '%\"b\"%'")
    module.write_text(text.replace('+ 1', '+ 100'))
    import importlib
    import sys

    sys.modules.pop('changing_functions')
    importlib.invalidate_caches()
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    reopen()
    assert 'computed again, by other code than before' in pxt.repair().repaired[0]
    assert pxt.get_table('t').collect()['b'] == [101]
    sys.modules.pop('changing_functions')


def test_plain_columns_are_lost_and_named(table_home, damage, reopen) -> None:
    _, path = file_of(damage, table_home, 's')
    file = table_home / 'data' / path
    file.write_bytes(damage.flip(file.read_bytes(), 1000))
    reopen()
    report = pxt.repair()
    assert not report.ok
    assert report.repaired == ()
    (problem,) = report.problems
    assert (problem.table, problem.file) == ('t', repr(path))
    for words in ("'k', 's', 'f'", '9,000 rows', 'ids 1 to 9000', 'versions 1 to 6 need them'):
        assert words in problem.what
    assert 'from a backup' in problem.remedy
    assert '1 problem cannot be repaired' in repr(report)
    assert file.exists()
    t = pxt.get_table('t')
    with pytest.raises(pxt.RequestError, match='is damaged'):
        t.select(t.s).collect()


def test_rows_that_can_be_given_up(home, damage, reopen) -> None:
    t = pxt.create_table('t', {'a': pxt.Int})
    for start in (0, 3):
        t.insert({'a': a} for a in range(start, start + 3))
    file_id, _ = file_of(damage, home, 'a', inlined=True)
    damage.sql(home, "UPDATE files SET data = x'00' WHERE id = ?", file_id)
    reopen()
    (problem,) = pxt.repair().problems
    given_up = "give these rows up with t = pxt.get_table('t') and t.delete(where=(t.id >= 1) & (t.id <= 3))"
    assert given_up in problem.remedy
    t = pxt.get_table('t')
    t.delete(where=(t.id >= 1) & (t.id <= 3))
    assert t.collect()['a'] == [3, 4, 5]


def test_a_function_that_is_gone(home, damage, reopen, tmp_path, monkeypatch) -> None:
    (tmp_path / 'lost_functions.py').write_text(
        'import pixeltable as pxt\n@pxt.udf\ndef f(a: int) -> int:\n    return a\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    import lost_functions  # type: ignore[import-not-found]

    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert([{'a': 1}])
    t.add_computed_column(b=lost_functions.f(t.a))
    damage.sql(home, "UPDATE files SET data = x'00' WHERE columns LIKE '%\"b\"%'")
    (tmp_path / 'lost_functions.py').unlink()
    import sys

    sys.modules.pop('lost_functions')
    reopen()
    (problem,) = pxt.repair().problems
    assert 'cannot be computed: the function lost_functions.f cannot be loaded' in problem.remedy


@pytest.mark.parametrize(
    ('statement', 'words'),
    [
        ("UPDATE files SET stats = 'x' WHERE path LIKE '%.parquet'", 'statistics and block digests were removed'),
        ("UPDATE files SET blocks = x'00' WHERE path LIKE '%.parquet'", 'statistics and block digests were removed'),
        ('UPDATE counters SET next_row_id = 17', 'the next row gets an id from 900'),
    ],
)
def test_what_lies_beside_the_data(table_home, damage, reopen, statement: str, words: str) -> None:
    whole = damage.contents()
    damage.sql(table_home, statement)
    reopen()
    report = pxt.repair()
    assert report.ok, report
    assert any(words in text for text in report.repaired)
    reopen()
    assert damage.contents() == whole
    assert pxt.verify().ok
    pxt.get_table('t').insert([{'k': 9999, 's': 'new', 'f': None}])


def test_another_process_reads_what_was_repaired(table_home, damage, reopen) -> None:
    """What a session remembers of the table's files is from before the repair by another."""
    from pixeltable.api import default
    from pixeltable.session import Session

    _, path = file_of(damage, table_home, 'twice')
    (table_home / 'data' / path).unlink()
    reopen()
    t = pxt.get_table('t')
    with pytest.raises(pxt.NotFoundError):
        t.select(t.twice).collect()
    other = Session(default.session().settings)
    from pixeltable.exec.maintenance.repair import repair

    assert repair(other.engine).ok
    other.close()
    assert len(t.select(t.twice).collect()) == 9000


@pytest.mark.parametrize('way', ['flipped', 'cut', 'gone'])
def test_without_the_filter_over_keys_rows_are_found_and_written(table_home, damage, reopen, caplog, way: str) -> None:
    (path,) = (path for path in damage.objects(table_home) if path.suffix == '.keys')
    content = path.read_bytes()
    path.unlink()
    if way != 'gone':
        path.write_bytes(damage.flip(content, 100) if way == 'flipped' else content[:50])
    reopen()
    t = pxt.get_table('t')
    with pytest.warns(pxt.PixeltableWarning, match=r'until pxt\.repair\(\) is called: file .*keys'):
        assert t.where(t.k == 5).count() == 1
    with pytest.raises(pxt.RequestError, match='k = 5'):  # and no other warning, which would be raised
        t.insert([{'k': 5, 's': 'again', 'f': 0.0}])
    assert t.batch_update([{'k': 6, 's': 'new'}]).num_rows == 1
    assert 'instead of their filter' in caplog.text
    assert not pxt.verify().ok
    assert pxt.repair().ok
