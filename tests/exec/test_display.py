from __future__ import annotations

import io
import sys
import threading
import types

import pytest
from rich.console import Console

from pixeltable.exec import display as module
from pixeltable.exec.display import Display
from pixeltable.exec.progress import Progress


@pytest.fixture
def screen(monkeypatch) -> io.StringIO:
    monkeypatch.setattr(module, 'REFRESH_SECONDS', 0.01)
    return io.StringIO()


def terminal(screen: io.StringIO, *, is_terminal: bool = True) -> Display:
    return Display(Console(file=screen, force_terminal=is_terminal, width=120, _environ={'TERM': 'xterm'}))


def shown(display: Display, title: str, total: int = 10) -> Progress:
    progress = Progress(title, display)
    progress.expect(total)
    progress._due = 0.0
    progress.calls(1)
    return progress


def test_a_line_tells_what_is_done(screen) -> None:
    display = terminal(screen)
    progress = shown(display, 'insert into [docs]', 2000)
    progress.calls(1235)
    progress.hits(2)
    progress.errors(1)
    progress.close()
    last = screen.getvalue().split('insert into')[-1]
    assert '[docs]' in last
    assert '1,238/2,000 calls' in last
    assert '2 from the ledger' in last
    assert '1 error' in last


def test_it_is_refreshed_by_itself(screen) -> None:
    progress = shown(terminal(screen), 'insert')
    progress._lock.acquire()
    progress.done = 7
    progress._lock.release()
    end = threading.Event()
    while '7/10' not in screen.getvalue() and not end.wait(0.01):
        pass
    progress.close()


def test_operations_of_several_threads_share_the_display(screen) -> None:
    display = terminal(screen)
    first = shown(display, 'first')
    second = shown(display, 'second')
    first.close()
    assert display._bars is not None
    third = shown(display, 'third')
    second.close()
    third.close()
    assert display._bars is None
    assert all(title in screen.getvalue() for title in ('first', 'second', 'third'))
    shown(display, 'fourth').close()


def test_nothing_is_written_where_nobody_looks(screen) -> None:
    display = terminal(screen, is_terminal=False)
    shown(display, 'insert').close()
    display.close()
    assert screen.getvalue() == ''


def test_closing_gives_the_terminal_back(screen) -> None:
    display = terminal(screen)
    progress = shown(display, 'insert')
    display.close()
    assert screen.getvalue().endswith('\x1b[?25h')  # the cursor is visible
    progress.close()


def test_in_a_notebook_it_is_an_output_of_the_cell(screen, monkeypatch) -> None:
    outputs: list[str] = []

    class Handle:
        def update(self, renderable: object) -> None:
            outputs.append(renderable._repr_mimebundle_([], [])['text/html'])  # type: ignore[attr-defined]

    def display(renderable: object, display_id: bool) -> Handle:
        assert display_id
        Handle().update(renderable)
        return Handle()

    notebook = types.ModuleType('IPython.display')
    notebook.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'IPython', types.ModuleType('IPython'))
    monkeypatch.setitem(sys.modules, 'IPython.display', notebook)
    shown(Display(Console(file=screen, force_jupyter=True)), 'insert').close()
    assert '1/10 calls' in outputs[0]
    assert screen.getvalue() == ''


def test_a_terminal_that_is_gone_ends_nothing(screen, caplog) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError('gone')

    progress = shown(terminal(Gone()), 'insert')
    progress.calls(1)
    progress.close()
    assert 'progress cannot be shown: OSError: gone' in caplog.text
