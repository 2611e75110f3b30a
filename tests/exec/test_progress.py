from __future__ import annotations

import pytest

from pixeltable.exec import progress as module
from pixeltable.exec.progress import Progress


class Watcher:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def show(self, progress: Progress) -> None:
        self.seen.append(f'show {progress.done}/{progress.total}')

    def hide(self, progress: Progress) -> None:
        self.seen.append(f'hide {progress.done}/{progress.total}')


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def test_counts() -> None:
    progress = Progress('insert')
    progress.expect(10)
    progress.calls(2)
    progress.hits(3)
    progress.errors(1)
    progress.close()
    assert (progress.total, progress.done, progress.found, progress.failed) == (10, 5, 3, 1)


def test_quick_work_shows_nothing(watcher) -> None:
    progress = Progress('insert', watcher)
    progress.expect(2)
    progress.calls(2)
    progress.close()
    assert watcher.seen == []


def test_long_work_is_shown_until_its_end(watcher, monkeypatch) -> None:
    monkeypatch.setattr(module, 'PATIENCE_SECONDS', 0.0)
    progress = Progress('insert', watcher)
    progress.expect(3)
    progress.calls(1)
    progress.hits(1)
    progress.calls(1)
    progress.close()
    assert watcher.seen == ['show 1/3', 'hide 3/3']


def test_the_last_call_shows_nothing_any_more(watcher, monkeypatch) -> None:
    monkeypatch.setattr(module, 'PATIENCE_SECONDS', 0.0)
    progress = Progress('insert', watcher)
    progress.expect(1)
    progress.calls(1)
    progress.close()
    assert watcher.seen == []
