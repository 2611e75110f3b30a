"""Vacuum removes stored media that no kept version refers to, and nothing else."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.config.settings import Settings


def stored() -> set[str]:
    return {path.name for path in pxt.home().rglob('media/*')}


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)


@pytest.fixture
def t() -> pxt.Table:
    table = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    table.insert([{'k': k, 'img': PIL.Image.new('RGB', (4, 4), (k, 0, 0))} for k in range(3)])
    return table


@pytest.mark.usefixtures('no_grace')
def test_only_what_no_version_needs(t) -> None:
    assert len(stored()) == 3
    t.delete(t.k == 0)
    pxt.vacuum()
    assert len(stored()) == 3  # the first version has it
    pxt.vacuum(1)
    assert len(stored()) == 2
    assert [image.getpixel((0, 0))[0] for image in t.order_by(t.k).collect()['img']] == [1, 2]


@pytest.mark.usefixtures('no_grace')
def test_values_in_other_tables_count(t) -> None:
    other = pxt.create_table('u', {'k': pxt.Int, 'img': pxt.Image})
    other.insert(t.where(t.k == 1))
    pxt.drop_table('t')
    pxt.vacuum(1)
    assert len(stored()) == 1
    assert other.collect()['img'][0].getpixel((0, 0)) == (1, 0, 0)


@pytest.mark.usefixtures('no_grace')
def test_values_inside_json_count(t) -> None:
    pxt.create_table('u', source=t.where(t.k == 1).select(about={'photos': [t.img]}))
    pxt.drop_table('t')
    pxt.vacuum(1)
    assert len(stored()) == 1
    assert pxt.get_table('u').collect()['about'][0]['photos'][0].getpixel((0, 0)) == (1, 0, 0)


@pytest.mark.usefixtures('no_grace')
def test_referenced_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / 'media' / 'a.png'
    path.parent.mkdir()
    PIL.Image.new('RGB', (4, 4)).save(path)
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=path)
    pxt.drop_table('t')
    pxt.vacuum(1)
    assert path.exists()


def test_what_was_written_lately_stays(t) -> None:
    t.delete(t.k == 0)
    pxt.vacuum(1)
    assert len(stored()) == 3


@pytest.mark.usefixtures('no_grace')
def test_a_purge_takes_the_media_of_its_rows(t) -> None:
    other = pxt.create_table('u', {'img': pxt.Image})
    other.insert(t.where(t.k == 1).select(t.img))
    t.delete(t.k == 0)
    status = t.purge(where=t.k < 2)
    assert status.rows == 2
    assert len(stored()) == 2  # one is the third row's, and one the other table's
    assert other.collect()['img'][0].getpixel((0, 0)) == (1, 0, 0)


@pytest.mark.usefixtures('no_grace')
def test_the_vacuum_of_one_table(t) -> None:
    t.delete(t.k == 0)
    t.vacuum(retain=1)
    assert len(stored()) == 2
