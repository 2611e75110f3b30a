"""The ratchet on file length."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

_PATH = Path(__file__).resolve().parents[2] / 'tools' / 'file_sizes.py'


@pytest.fixture(scope='module')
def file_sizes() -> ModuleType:
    spec = importlib.util.spec_from_file_location('file_sizes', _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ('lines', 'recorded', 'word'),
    [
        (250, None, ''),
        (251, None, '250 are allowed'),
        (300, 300, ''),
        (301, 300, '300 are allowed'),
        (299, 300, 'has shrunk'),
        (501, 501, '500 are allowed'),
    ],
)
def test_a_file_may_only_shrink(file_sizes: ModuleType, lines: int, recorded: int | None, word: str) -> None:
    found = file_sizes.problems({'a.py': lines}, {} if recorded is None else {'a.py': recorded})
    assert len(found) == (1 if word else 0)
    assert all(word in sentence for sentence in found)


def test_a_row_without_its_file_is_named(file_sizes: ModuleType) -> None:
    assert 'gone.py is gone' in file_sizes.problems({}, {'gone.py': 300})[0]


def test_tighten_lowers_and_drops(file_sizes: ModuleType) -> None:
    sizes = {'a.py': 260, 'b.py': 200, 'c.py': 400}
    assert file_sizes.tightened(sizes, {'a.py': 300, 'b.py': 300, 'c.py': 300, 'd.py': 300}) == {
        'a.py': 260,
        'c.py': 300,
    }


def test_the_list_reads_back(file_sizes: ModuleType) -> None:
    assert file_sizes.read_list('# head\n300 pixeltable/a b.py\n') == {'pixeltable/a b.py': 300}
