from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def _tree(t: pxt.Table) -> None:
    pxt.create_dir('d/e', parents=True)
    pxt.create_table('d/u', {'x': pxt.Int})
    pxt.create_snapshot('d/e/s', t)


@pytest.mark.usefixtures('_tree')
def test_contents() -> None:
    assert pxt.get_dir_contents() == {'dirs': ['d', 'd/e'], 'tables': ['d/e/s', 'd/u', 't']}
    assert pxt.get_dir_contents('d', recursive=False) == {'dirs': ['d/e'], 'tables': ['d/u']}


@pytest.mark.usefixtures('_tree')
def test_tree() -> None:
    d, t = pxt.get_dir_tree()
    assert t == {'name': 't', 'path': 't', 'kind': 'table', 'version': 1, 'error_count': 0, 'base': None}
    assert (d['name'], d['path'], d['kind']) == ('d', 'd', 'directory')
    e, u = d['entries']
    snapshot = {'name': 's', 'path': 'd/e/s', 'kind': 'snapshot', 'version': None, 'error_count': 0, 'base': 't:1'}
    assert e['entries'] == [snapshot]
    assert (u['kind'], u['version']) == ('table', 0)
    assert pxt.get_dir_tree('d/e') == [snapshot]


@pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')
def test_failed_cells_are_counted(t: pxt.Table) -> None:
    t.add_computed_column(i=t.s.index('a'))
    assert pxt.get_dir_tree()[0]['error_count'] == 4


@pytest.mark.usefixtures('_tree')
def test_ls() -> None:
    frame = pxt.ls()
    assert list(frame.columns) == ['Name', 'Kind', 'Version', 'Base']
    assert frame.to_numpy().tolist() == [['d', 'dir', '', ''], ['t', 'table', '1', '']]
    assert pxt.ls('d/e').to_numpy().tolist() == [['s', 'snapshot', '', 't:1']]


def test_an_empty_directory() -> None:
    assert (len(pxt.ls()), pxt.get_dir_tree(), pxt.get_dir_contents()) == (0, [], {'dirs': [], 'tables': []})
