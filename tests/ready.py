"""Runs programs that import libraries for longer than they work: each is a process, forked from one that has imported them."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

LIBRARIES = ['sentence_transformers', 'transformers.models.clip.modeling_clip']

_PROCESSES = multiprocessing.get_context('forkserver')
_PROCESSES.set_forkserver_preload(LIBRARIES)


def printed(folder: Path, program: Path, *arguments: str) -> str:
    """What a Python program prints, as it is run by this process's environment. Its output is kept in `folder`."""
    output, errors = folder / 'output', folder / 'errors'
    process = _PROCESSES.Process(target=_run, args=(program, arguments, dict(os.environ), output, errors))
    process.start()
    process.join()
    assert process.exitcode == 0, errors.read_text()
    return output.read_text()


def _run(program: Path, arguments: list[str], environment: dict[str, str], output: Path, errors: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdout, sys.stderr = open(1, 'w', closefd=False), open(2, 'w', closefd=False)  # noqa: SIM115
    sys.argv = [str(program), *arguments]
    sys.path[:0] = [str(program.parent)]
    runpy.run_path(str(program), run_name='__main__')
