from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.whole_files import write_whole


def test_a_file_and_its_folders_appear(tmp_path: Path) -> None:
    write_whole(tmp_path / 'a' / 'b.txt', lambda part: part.write_text('new'))
    write_whole(tmp_path / 'a' / 'b.txt', lambda part: part.write_text('newer'))
    assert [path.read_text() for path in (tmp_path / 'a').iterdir()] == ['newer']


@pytest.mark.parametrize('error', [OSError('full'), ValueError('bad'), KeyboardInterrupt()])
def test_a_failure_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail(part: Path) -> None:
        part.write_text('half')
        raise error

    with pytest.raises(pxt.RequestError if isinstance(error, Exception) else type(error)):
        write_whole(tmp_path / 'a' / 'b.txt', fail)
    assert not (tmp_path / 'a').exists()


@pytest.mark.parametrize('path', [5, '', '/', None])
def test_what_is_no_path(path: Any) -> None:
    with pytest.raises(pxt.RequestError, match='is no path of a file'):
        write_whole(path, lambda part: None)
