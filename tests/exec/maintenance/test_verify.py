"""Whatever is damaged is found and named, and is never returned as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import pixeltable as pxt


def everything() -> list[object]:
    """All that queries read of `t`, in all versions; errors for what cannot be read."""
    found: list[object] = []
    t = pxt.get_table('t')
    for version in t.get_versions():
        handle = pxt.get_table(f't:{version["version"]}')
        for name in handle.columns():
            try:
                found.append(handle.select(handle[name]).collect().to_arrow())
            except pxt.Error as error:
                found.append(error.error_code)
    return found


def agree(found: list[object], whole: list[object]) -> bool:
    """Whether what was read is what is stored, but for errors; and there are some."""
    errors = (pxt.ErrorCode.INVALID_DATA_FORMAT, pxt.ErrorCode.STORAGE_NOT_FOUND)
    return any(each in errors for each in found if isinstance(each, pxt.ErrorCode)) and all(
        each in errors if isinstance(each, pxt.ErrorCode) else each.equals(expected)  # type: ignore[attr-defined]
        for each, expected in zip(found, whole, strict=True)
    )


def damages(damage: ModuleType, path: Path, files: list[Path]) -> Iterator[bytes | None]:
    """A bit in each region of a file, other lengths, no file, and the other files of the table in its place."""
    content = path.read_bytes()
    size = len(content)
    for at in sorted(
        {0, 5, size // 3, size // 2, size - 300, size - 30, size - 8, size - 5, size - 1} & set(range(size))
    ):
        yield damage.flip(content, at)
    yield from (content[: size // 2], content[:-1], b'', content + b'\0', None)
    yield from (other.read_bytes() for other in files if other != path)


def test_nothing_is_wrong(table_home, damage) -> None:
    report = pxt.verify()
    assert report.ok, report
    assert (report.tables, report.problems, report.notes) == (1, (), ())
    assert report.files > 5
    assert report.cells == 20
    assert 'nothing is wrong' in repr(report)
    assert pxt.verify('t', sample=0).cells == 0


def test_every_kind_of_damage_to_every_object(table_home, damage, reopen: Callable[[], None]) -> None:
    whole = everything()
    files = damage.objects(table_home)
    assert {each.suffix for each in files} == {'.parquet', '.keys'}
    for path, number, bad in ((each, *d) for each in files for d in enumerate(damages(damage, each, files))):
        with damage.changed(path, bad):
            report = pxt.verify(sample=0)
            assert {problem.file for problem in report.problems} == {
                repr(path.relative_to(table_home / 'data').as_posix())
            }
            assert {problem.table for problem in report.problems} == {'t'}
            if path.suffix == '.parquet' and number % 4 == 0:
                reopen()
                assert agree(everything(), whole)
    reopen()
    assert pxt.verify().ok


def test_every_inlined_file(table_home, damage, reopen: Callable[[], None]) -> None:
    whole = everything()
    for file_id, content in damage.sql(table_home, 'SELECT id, data FROM files WHERE data IS NOT NULL'):
        for number, at in enumerate([0, len(content) // 2, len(content) - 1]):
            damage.sql(table_home, 'UPDATE files SET data = ? WHERE id = ?', damage.flip(content, at), file_id)
            (problem,) = pxt.verify(sample=0).problems
            assert problem.file == f'{file_id} (inlined in the catalog)'
            assert 'content has changed' in problem.what
            reopen()
            assert number or agree(everything(), whole)
        damage.sql(table_home, 'UPDATE files SET data = ? WHERE id = ?', content, file_id)
    reopen()
    assert pxt.verify().ok


def test_missing_and_empty_and_short_are_told_apart(table_home, damage) -> None:
    path = damage.objects(table_home)[0]
    size = path.stat().st_size
    for content, words in [(None, 'it is missing'), (b'', 'it is empty'), (b'x', f'1 bytes instead of {size:,}')]:
        with damage.changed(path, content):
            assert words in pxt.verify(sample=0).problems[0].what


@pytest.mark.parametrize(
    ('statement', 'words'),
    [
        ("UPDATE segments SET rows = rows + 1 WHERE first_id = 1", 'has 9001 rows with ids'),
        ("UPDATE segments SET rows = 2, max_id = 9002 WHERE first_id = 9001", 'it has 1 rows where segment'),
        ("UPDATE segments SET max_id = max_id + 1 WHERE first_id IS NULL", 'its row ids are 10 to 10 where'),
        ('UPDATE counters SET next_row_id = 17', 'would get the id 17, and there are rows up to'),
        ("UPDATE deletes SET count = count + 1", 'where the catalog counts'),
        ("UPDATE deletes SET data = x'00'", 'delete vector of a segment of'),
        ("UPDATE files SET columns = replace(columns, 'twice', 'thrice')", "it has no column 'thrice'"),
        ("UPDATE files SET columns = 'x' WHERE columns LIKE '%twice%'", 'cannot be read'),
        ("UPDATE files SET segment_id = 4711 WHERE data IS NOT NULL", 'segment 4711, which does not exist'),
        ("UPDATE tables SET doc = '{}' WHERE end IS NULL", 'its record cannot be read'),
        ("UPDATE columns SET doc = replace(doc, 'Int', 'Bint')", 'cannot be read'),
        ('UPDATE versions SET version = version + 1', 'not numbered 0 to'),
        ('UPDATE versions SET commit_id = 4711 WHERE version = 2', 'commit 4711, which does not exist'),
        ("UPDATE versions SET summary = '[' WHERE version = 2", 'its summary of version 2 cannot be read'),
        ('UPDATE snapshots SET version = 4711', "snapshot 'before' is of version 4711"),
        ("UPDATE snapshots SET tags = '{}'", "its tags of snapshot 'before' cannot be read"),
        ('UPDATE files SET end = begin - 1 WHERE data IS NOT NULL', 'and the last commit is'),
        ('DELETE FROM segments WHERE first_id = 1', 'which does not exist'),
        ("UPDATE tables SET path = 'nowhere/t'", "lies in 'nowhere', which is no directory"),
        ("UPDATE files SET stats = 'x' WHERE path LIKE '%.parquet'", 'its statistics cannot be read'),
        ("UPDATE files SET blocks = x'00' WHERE path LIKE '%.parquet'", 'the digests of its blocks are wrong'),
    ],
)  # fmt: skip
def test_rows_of_the_catalog_that_do_not_agree(table_home, damage, reopen, statement: str, words: str) -> None:
    damage.sql(table_home, statement)
    reopen()
    report = pxt.verify(sample=0)
    assert any(words in problem.what for problem in report.problems), report


def test_statistics_that_leave_out_a_value(table_home, damage) -> None:
    ((stats,),) = damage.sql(table_home, 'SELECT stats FROM files WHERE columns LIKE \'%"k"%\' AND path IS NOT NULL')
    assert '[1,0,8999,0,' in stats
    damage.sql(table_home, "UPDATE files SET stats = replace(stats, '[1,0,8999,0,', '[1,1,8999,0,')")
    (problem,) = pxt.verify(sample=0).problems
    assert "its statistics of column 'k' do not hold" in problem.what


def test_a_damaged_database(table_home, damage, reopen) -> None:
    damage.sql(table_home, 'PRAGMA wal_checkpoint(TRUNCATE)')
    content = bytearray((table_home / 'catalog.db').read_bytes())
    leaves = (at for at in range(4096, len(content), 4096) if content[at] == 10)  # of indexes
    page = next(at for at in leaves if content[at + 3 : at + 5] != bytes(2))  # one that has cells
    content[page + 3996 : page + 4096] = bytes(100)
    (table_home / 'catalog.db').write_bytes(content)
    reopen()
    assert any(problem.table is None for problem in pxt.verify(sample=0).problems)


def test_wrong_derived_cells(home, damage, monkeypatch) -> None:
    t = pxt.create_table('t', {'a': pxt.Int, 'j': pxt.Json})

    @pxt.udf
    def pair(a: int) -> pxt.Json:
        return {'a': a, 'half': a / 2}

    t.insert({'a': a, 'j': [a]} for a in range(20))
    t.add_computed_column(x=t.a + 1)
    t.add_computed_column(p=pair(t.a))
    assert pxt.verify(sample=100).cells == 40
    from pixeltable.exec.maintenance import verify_derived

    monkeypatch.setattr(verify_derived, 'same', lambda stored, now, type_: stored != 5)
    report = pxt.verify(sample=100)
    (problem,) = report.problems
    assert "column 'x' holds other values than its expression gives now in 1 of 20 rows" in problem.what
    assert 'such as 5 instead of 5 in row 4' in problem.what
    assert "recompute_columns('x')" in problem.remedy


def test_what_cannot_be_compared_is_noted(home, tmp_path, monkeypatch) -> None:
    (tmp_path / 'gone_functions.py').write_text(
        'import pixeltable as pxt\n@pxt.udf\ndef f(a: int) -> int:\n    return a\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    import gone_functions  # type: ignore[import-not-found]

    @pxt.udf
    def fails(a: int) -> int:
        raise ValueError('no')

    t = pxt.create_table('t', {'a': pxt.Int})
    t.insert([{'a': 1}])
    t.add_computed_column(u=pxt.functions.uuid.uuid4())
    t.add_computed_column(g=gone_functions.f(t.a))
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(e=fails(t.a))
    (tmp_path / 'gone_functions.py').unlink()
    monkeypatch.delitem(__import__('sys').modules, 'gone_functions')
    report = pxt.verify()
    assert report.ok, report
    assert report.cells == 0
    notes = '\n'.join(report.notes)
    assert "column 'u' was not compared" in notes


def test_orphans_are_noted(table_home, damage) -> None:
    path = damage.objects(table_home)[0]
    (path.parent / 'orphan.parquet').write_bytes(b'x' * 100)
    report = pxt.verify('t')
    assert report.ok
    assert any('1 object of 0.0 MB' in note and 'orphan.parquet' in note for note in report.notes)


def test_one_table_only(table_home, damage) -> None:
    pxt.create_dir('d')
    other = pxt.create_table('d/other', {'x': pxt.Int})
    other.insert([{'x': 1}])
    damage.objects(table_home)[0].unlink()
    assert pxt.verify(other).ok
    assert not pxt.verify('t').ok
    with pytest.raises(pxt.NotFoundError):
        pxt.verify('nothing')
    with pytest.raises(pxt.RequestError, match='sample must be an int from 0 to'):
        pxt.verify(sample=-1)
    with pytest.raises(pxt.RequestError, match='table is a table'):
        pxt.verify(3)


def test_dropped_tables_are_checked_too(table_home, damage) -> None:
    path = damage.objects(table_home)[0]
    pxt.drop_table('t', force=True)
    assert pxt.verify().ok
    path.unlink()
    (problem,) = pxt.verify().problems
    assert problem.table == 't (dropped)'
