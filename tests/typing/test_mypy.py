"""`mypy --strict` on programs of users."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the cache: the first program takes most of the time."""
    return tmp_path_factory.mktemp('mypy')


def mypy(program: str, folder: Path) -> set[tuple[int, str]]:
    """Line and code of each error that mypy finds in a program."""
    api = pytest.importorskip('mypy.api')
    config = folder / 'mypy.ini'
    config.write_text(f'[mypy]\nplugins = pixeltable.mypy\ncache_dir = {folder}\nstrict = True\n')
    output, _, _ = api.run(['--config-file', str(config), '--follow-imports=silent', str(HERE / program)])
    return {(int(line), code) for line, code in re.findall(rf'{program}:(\d+): error: .*\[([a-z-]+)\]', output)}


@pytest.mark.slow
def test_a_program_has_types(folder: Path) -> None:
    assert mypy('program.py', folder) == set()


@pytest.mark.slow
def test_mistakes_are_found(folder: Path) -> None:
    lines = (HERE / 'mistakes.py').read_text().splitlines()
    marked = [(number, line.partition('# error: ')[2].split(', ')) for number, line in enumerate(lines, 1)]
    assert mypy('mistakes.py', folder) == {(number, code) for number, codes in marked for code in codes if code}
