from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixeltable._support import log_file
from pixeltable._support.log_file import OLD_FILES, LogFile


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Logs one message."""
    handler = LogFile(tmp_path / 'logs', max_bytes=2000)

    def emit(message: str, *arguments: object) -> None:
        handler.handle(logging.LogRecord('pixeltable', logging.INFO, __file__, 1, message, arguments, None))

    yield emit
    handler.close()


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / 'logs').glob('*.log*'))


def test_nothing_is_made_before_the_first_record(write, tmp_path) -> None:
    assert not (tmp_path / 'logs').exists()
    write('%d rows', 3)
    assert (tmp_path / 'logs' / 'pixeltable.log').read_text().endswith('MainThread: 3 rows\n')


def test_secrets_are_left_out(write, tmp_path) -> None:
    write('refused: %s', 'api_key=abcdefghij')
    assert 'abcdefghij' not in (tmp_path / 'logs' / 'pixeltable.log').read_text()


def test_full_files_make_place(write, tmp_path) -> None:
    for number in range(300):
        write('line %d', number)
    names = ['pixeltable.log', *(f'pixeltable.log.{number}' for number in range(1, OLD_FILES + 1))]
    assert files(tmp_path) == names
    assert all(path.stat().st_size <= 2000 for path in (tmp_path / 'logs').glob('*.log*'))
    assert 'line 299\n' in (tmp_path / 'logs' / 'pixeltable.log').read_text()


def test_a_file_that_was_removed_is_made_again(write, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(log_file, 'LOOK_SECONDS', 0.0)
    write('one')
    (tmp_path / 'logs' / 'pixeltable.log').unlink()
    write('two')
    assert 'two' in (tmp_path / 'logs' / 'pixeltable.log').read_text()


def test_another_process_renames_the_file_first(write, tmp_path, monkeypatch) -> None:
    write('x' * 1900)
    renamed = []

    def lock(*_: object) -> None:
        """Waits while somebody else renames it, who has not made a new one yet."""
        if not renamed:
            renamed.append((tmp_path / 'logs' / 'pixeltable.log').rename(tmp_path / 'logs' / 'pixeltable.log.1'))

    monkeypatch.setattr(log_file.fcntl, 'flock', lock)
    write('y' * 200)
    assert renamed
    assert 'y' * 200 in (tmp_path / 'logs' / 'pixeltable.log').read_text()


def _log_lines(folder: Path, worker: int, start: multiprocessing.Barrier) -> None:
    handler = LogFile(folder, max_bytes=20_000)
    start.wait()
    for number in range(200):
        text = f'worker {worker} line {number} {"x" * (number % 50)}.'
        handler.handle(logging.LogRecord('pixeltable', logging.INFO, __file__, 1, text, (), None))


def test_processes_lose_no_line_while_files_rotate(tmp_path) -> None:
    context = multiprocessing.get_context('spawn')
    start = context.Barrier(3)
    workers = [context.Process(target=_log_lines, args=(tmp_path, worker, start)) for worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lines = [line for path in tmp_path.glob('*.log*') for line in path.read_text().splitlines()]
    told = {line.partition(': ')[2].partition(' x')[0].rstrip('.') for line in lines}
    assert all(line.endswith('.') for line in lines)
    assert {f'worker {worker} line {number}'.rstrip() for worker in range(3) for number in range(200)} == {
        each.rstrip() for each in told
    }
    assert len(files_of(tmp_path)) > 1


def files_of(folder: Path) -> list[Path]:
    return list(folder.glob('*.log*'))
