import dataclasses
import os
import subprocess
import sys

import pytest

from pixeltable._support.processes import Process, is_gone, is_near, this_process

pytestmark = pytest.mark.skipif(not os.path.exists('/proc/self/stat'), reason='the system does not tell')
SHOWS_ITSELF = (
    'import sys; from pixeltable._support.processes import this_process as t; print(t().place, t().started, sep="|", flush=True);'
    'sys.stdin.readline()'
)


def test_this_process_lives():
    assert is_near(this_process())
    assert not is_gone(this_process())


def test_another_process_is_seen_until_it_ends():
    child = subprocess.Popen(
        [sys.executable, '-c', SHOWS_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    place, started = child.stdout.readline().strip().split('|')
    process = Process(place, child.pid, started)
    assert (is_near(process), is_gone(process)) == (True, False)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and a zombie
    assert is_gone(process)
    child.communicate()
    assert is_gone(process)


def test_a_number_that_was_given_again_is_another_process():
    assert is_gone(dataclasses.replace(this_process(), started='1'))


def test_nothing_is_known_of_processes_elsewhere():
    assert not is_near(dataclasses.replace(this_process(), place='another host'))
    assert not is_near(dataclasses.replace(this_process(), place=''))
