"""Runs the command line in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.cli.main import main


@pytest.fixture
def command(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`command('verify', 't')` gives the exit status, and what was written to stdout and to stderr.

    It has a session of its own, as a process has.
    """
    monkeypatch.setenv('PIXELTABLE_HOME', str(home))
    monkeypatch.setenv('COLUMNS', '200')

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(default, '_session', None)
            patch.setattr(default, '_process', os.getpid())
            try:
                status = main(arguments)
            finally:
                if default._session is not None:
                    default._session.close()
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def t(home: Path) -> pxt.Table:
    """A table with a computed column."""
    table = pxt.create_table('t', {'a': pxt.Int})
    table.insert({'a': a} for a in range(10))
    table.add_computed_column(b=table.a + 1)
    return table
