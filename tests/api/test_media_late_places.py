"""Destinations that the environment says when something is stored: `destination=pxt.ConfigVar(…)`."""

from __future__ import annotations

import shutil
from pathlib import Path

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.config.settings import Settings

PLACE = pxt.ConfigVar('place', pxt.URI)


@pytest.fixture
def catalog_url() -> None:
    """A catalog knows nothing of destinations."""


def picture(k: int) -> PIL.Image.Image:
    return PIL.Image.new('RGB', (8, 4), (k, 0, 0))


@pytest.fixture
def t(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pxt.Table:
    """A table whose thumbnails of rows 0 and 1 are at `a`, that of row 2 at `b`."""
    table = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    table.insert(k=0, img=picture(0))
    monkeypatch.setenv(PLACE.env_var, str(tmp_path / 'a'))
    table.add_computed_column(small=table.img.resize((4, 2)), destination=PLACE)
    table.insert(k=1, img=picture(1))
    monkeypatch.setenv(PLACE.env_var, (tmp_path / 'b').as_uri())
    table.insert(k=2, img=picture(2))
    return table


def stored(place: Path) -> int:
    return sum(path.is_file() for path in place.rglob('*'))


def test_what_is_stored_goes_where_the_variable_points_then(t: pxt.Table, tmp_path: Path) -> None:
    assert [stored(tmp_path / place) for place in 'ab'] == [2, 1]
    assert t.get_metadata()['columns']['small']['destination'] == '$place'
    assert [image.getpixel((0, 0))[0] for image in t.order_by(t.k).collect()['small']] == [0, 1, 2]


def test_without_a_value_nothing_is_stored_and_all_is_read(t: pxt.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PLACE.env_var)
    for change in (
        lambda: t.insert(k=3, img=picture(3)),
        lambda: t.insert(k=3, img=picture(3), on_error='ignore'),
        lambda: t.update({'img': picture(9)}),
        lambda: t.recompute_columns('small'),
        lambda: t.add_computed_column(other=t.img.rotate(90), destination=PLACE),
    ):
        with pytest.raises(pxt.RequestError, match='PIXELTABLE_VAR_PLACE') as raised:
            change()
        assert raised.value.error_code is pxt.ErrorCode.MISSING_REQUIRED
    assert (t.count(), 'other' in t.columns()) == (3, False)
    assert t.where(t.small.errortype != None).count() == 0  # noqa: E711
    assert len(t.collect()['small']) == 3


def test_vacuum_and_purge_find_what_was_stored_before(
    t: pxt.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, 'vacuum_grace_s', 0.0)
    monkeypatch.delenv(PLACE.env_var)
    t.purge(t.k == 1)
    assert [stored(tmp_path / place) for place in 'ab'] == [1, 1]
    t.delete(t.k == 2)
    pxt.vacuum(1)
    assert [stored(tmp_path / place) for place in 'ab'] == [1, 0]
    pxt.drop_table('t')
    pxt.vacuum(1)
    assert [stored(tmp_path / place) for place in 'ab'] == [0, 0]


def test_what_is_missing_is_made_again_where_it_was(
    t: pxt.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pxt.verify().cells == 3  # which are the same, wherever they are
    monkeypatch.delenv(PLACE.env_var)
    shutil.rmtree(tmp_path / 'a')
    assert not pxt.verify().ok
    pxt.repair()
    assert pxt.verify().ok
    assert [stored(tmp_path / place) for place in 'ab'] == [2, 1]


def test_variables_that_are_no_place(t: pxt.Table, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(pxt.RequestError, match=r"ConfigVar\('who', pxt.URI\)") as raised:
        t.add_computed_column(m=t.img.rotate(90), destination=pxt.ConfigVar('who', str))
    assert raised.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT
    (tmp_path / 'file').write_text('no folder')
    monkeypatch.setenv(PLACE.env_var, str(tmp_path / 'file' / 'below'))
    with pytest.raises(pxt.Error, match=r"'m'.*nothing can be stored"):
        t.add_computed_column(m=t.img.rotate(90), destination=PLACE)
    with pytest.raises(pxt.Error):
        t.insert(k=3, img=picture(3))
    assert t.count() == 3


def test_in_a_schema_and_in_a_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PLACE.env_var, str(tmp_path / 'c'))
    base = pxt.model_base()

    class Pictures(base, name='pictures'):  # type: ignore[misc, valid-type]
        img: pxt.Image
        small = pxt.Column(value=img.resize((4, 2)), destination=PLACE)  # type: ignore[name-defined]  # noqa: F821

    base.create_all('')
    Pictures.insert(img=picture(1))
    assert stored(tmp_path / 'c') == 1


def test_a_function_reads_one(monkeypatch: pytest.MonkeyPatch) -> None:
    who = pxt.ConfigVar('who', str)

    @pxt.udf
    def greeting(text: str) -> str:
        return f'{text}, {who.value()}'

    monkeypatch.setenv(who.env_var, 'world')
    t = pxt.create_table('g', {'text': pxt.String})
    t.add_computed_column(greeting=greeting(t.text))
    t.insert(text='Hello')
    assert t.collect()[0, 'greeting'] == 'Hello, world'
