"""`pxt.verify` and `pxt.repair` look after stored media."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.media.library import FOLDER
from pixeltable.storage.objects.open import open_store


@pxt.udf
def mirrored(img: pxt.Image) -> pxt.Image:
    return img.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)


@pytest.fixture
def catalog_url() -> None:
    """The catalog has no part in it."""


@pytest.fixture
def t(home: Path) -> pxt.Table:
    table = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    table.insert([{'k': k, 'img': PIL.Image.linear_gradient('L').rotate(k)} for k in range(3)])
    return table


def file_of(t: pxt.Table, name: str, k: int = 1) -> Path:
    return Path(t.where(t.k == k).select(path=t[name].localpath).collect()[0, 'path'])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def test_all_is_well(t: pxt.Table, tmp_path: Path) -> None:
    t.add_computed_column(mirror=mirrored(t.img), destination=tmp_path / 'out')
    report = pxt.verify()
    assert (report.problems, report.notes) == ((), ())
    assert report.files >= 6
    (tmp_path / 'own.png').write_bytes(file_of(t, 'img').read_bytes())
    t.insert(k=5, img=tmp_path / 'own.png')
    (tmp_path / 'own.png').unlink()
    assert pxt.verify(sample=0).ok  # what lies elsewhere is not ours


@pytest.mark.parametrize('how', [Path.unlink, flip, lambda path: path.write_bytes(b'')])
@pytest.mark.parametrize('where', ['home', 'folder'])
def test_what_is_computed_is_made_again(t: pxt.Table, tmp_path: Path, how, where: str) -> None:
    t.add_computed_column(mirror=mirrored(t.img), destination=tmp_path / 'out' if where == 'folder' else None)
    path = file_of(t, 'mirror')
    content = path.read_bytes()
    how(path)
    (problem,) = pxt.verify().problems
    assert (problem.table, path.name in (problem.file or '')) == ('t', True)
    assert "'mirror' refers to" in problem.what
    report = pxt.repair()
    assert (report.ok, len(report.repaired)) == (True, 1)
    assert "column 'mirror' was computed again" in report.repaired[0]
    assert path.read_bytes() == content
    assert pxt.verify().ok


def test_what_only_an_old_version_needs_is_made_again(t: pxt.Table) -> None:
    t.add_computed_column(mirror=mirrored(t.img))
    path = file_of(t, 'mirror')
    t.delete(t.k == 1)
    path.unlink()
    assert len(pxt.verify(t).problems) == 1
    assert pxt.repair(t).ok
    assert path.exists()


def test_what_was_handed_over_is_lost(t: pxt.Table) -> None:
    path = file_of(t, 'img')
    flip(path)
    (problem,) = pxt.verify().problems
    assert 'checksum' in problem.what
    report = pxt.repair()
    assert not report.ok
    assert 'handed over' in report.problems[0].what
    assert 'backup' in report.problems[0].remedy


def test_what_cannot_be_computed_any_more(t: pxt.Table) -> None:
    t.add_computed_column(mirror=mirrored(t.img))
    for name in ('img', 'mirror'):
        file_of(t, name).unlink()
    report = pxt.repair()
    assert len(report.problems) == 2
    assert any('cannot be computed now' in problem.what for problem in report.problems)


def test_a_function_that_gives_something_else_each_time(t: pxt.Table) -> None:
    @pxt.udf(is_deterministic=False)
    def noise(img: pxt.Image) -> pxt.Image:
        return PIL.Image.effect_noise((64, 64), 90)

    t.add_computed_column(noise=noise(t.img))
    file_of(t, 'noise').unlink()
    (problem,) = pxt.repair().problems
    assert 'something else' in problem.what
    assert "recompute_columns('noise')" in problem.remedy


def test_verify_changes_nothing(t: pxt.Table, home: Path) -> None:
    t.add_computed_column(mirror=mirrored(t.img))
    file_of(t, 'mirror').unlink()
    before = sorted(home.rglob(f'{FOLDER}*'))
    pxt.verify()
    assert sorted(home.rglob(f'{FOLDER}*')) == before


def test_media_in_a_bucket(t: pxt.Table, s3_root: str) -> None:
    t.add_computed_column(mirror=mirrored(t.img), destination=s3_root)
    store = open_store(s3_root)
    keys = [each.key for each in store.list('tables/')]
    store.delete(keys[0])
    store.put(keys[1], b'something else')
    assert sorted(('missing' in each.what, 'changed' in each.what) for each in pxt.verify().problems) == [
        (False, True),
        (True, False),
    ]
    assert pxt.repair().ok
    assert pxt.verify().ok
