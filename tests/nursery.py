"""A process that has imported libraries, and forks itself for each program that it is told to run. See `ready.py`.

Its arguments name the libraries. Standard input is a socket, on which each request is five files: standard input, output and
error of the program, one for what is said about it, and one with the rest of the request as JSON. What is said is its process
id and at the end, what `os.waitpid` says of it. The program runs as if Python had been started with it.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import types
import warnings
from pathlib import Path
from typing import Any, NoReturn

FILES = 5


def next_program(requests: socket.socket) -> dict[str, Any]:
    """Returns in a process of its own for each program, and in no other one."""
    while True:
        _, files, _, _ = socket.recv_fds(requests, 1, FILES)
        if not files:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            return kept(*files)
        for file in files:
            os.close(file)


def kept(stdin: int, stdout: int, stderr: int, said: int, request: int) -> dict[str, Any]:
    """Returns in the program's process. The other one keeps it: it waits for it, and tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(request) as file:
        program: dict[str, Any] = json.load(file)
    pid = os.fork()
    for number, file in enumerate((stdin, stdout, stderr)):
        if pid == 0:
            os.dup2(file, number)
        os.close(file)
    if pid == 0:
        os.close(said)
        return program
    os.write(said, b'%d\n' % pid)
    os.close(0)
    os.write(said, b'%d\n' % os.waitpid(pid, 0)[1])
    os._exit(0)


def main() -> tuple[types.CodeType, dict[str, Any]]:
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a program would copy the pages of all of this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how keepers ended
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    program = next_program(socket.socket(fileno=os.dup(0)))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(program['environment'])
    os.chdir(program['folder'])
    if program['strict']:
        warnings.simplefilter('error')
    sys.argv = program['command']
    path = Path(sys.argv[0])
    sys.path[0] = str(path.parent)
    module = sys.modules['__main__'] = types.ModuleType('__main__')
    module.__file__ = str(path)
    return compile(path.read_bytes(), path, 'exec'), vars(module)


def run(code: types.CodeType, namespace: dict[str, Any]) -> int:
    """The exit status of a program."""
    try:
        exec(code, namespace)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f'{end.code}\n')
    except Exception:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    else:
        return 0
    return 1


def end(status: int, namespace: dict[str, Any]) -> NoReturn:
    """Does what the interpreter does, but for taking the libraries apart, which would copy their pages, too."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    namespace.clear()
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == '__main__':
    program = main()
    end(run(*program), program[1])
