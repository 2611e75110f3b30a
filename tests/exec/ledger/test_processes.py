import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from ledger_calls import BERLIN, TEXT, Counted, call_all, key_of, shout

from pixeltable._support.processes import Process
from pixeltable.catalog.work import claims
from pixeltable.catalog.work.open import open_work
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.loop import LoopThread

PROCESSES = multiprocessing.get_context('fork')


@pytest.fixture
def start(folder, catalog_url, calls):
    """Starts processes that make the calls for `count` texts from `first` on, all at once; each call takes `seconds`.

    Each has a session of its own, and writes a line for each call that it begins.
    """

    async def invoke(text, seconds):
        with open(calls.path, 'a') as file:  # noqa: ASYNC230
            file.write(f'{text}\n')
        await asyncio.sleep(seconds)
        return text.upper()

    def work(begin, seconds, first, count):
        database, loop = open_work(folder, catalog_url), LoopThread()
        ledger = Ledger(database, 2**31, BERLIN)
        texts = [f'text {number}' for number in range(first, first + count)]
        random.Random(os.getpid()).shuffle(texts)
        begin.wait()
        results = loop.run(call_all(ledger, shout, texts, lambda text: invoke(text, seconds), concurrency=8))
        assert results == [text.upper() for text in texts]
        ledger.close()
        database.close()

    started = []

    def start(number, seconds, first, count):
        begin = PROCESSES.Event()
        new = [PROCESSES.Process(target=work, args=(begin, seconds, first, count)) for _ in range(number)]
        started.extend(new)
        for process in new:
            process.start()
        begin.set()
        return new

    yield start
    for process in started:
        process.kill()
        process.join()


def ends_well(process):
    process.join(60)
    return process.exitcode == 0


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_processes_that_ask_at_once_share_all_calls(start, calls):
    workers = start(3, 0.01, 0, 200)
    assert all(map(ends_well, workers))
    assert set(Counter(calls.take()).values()) == {1}


def test_what_a_killed_process_was_calling_is_called_again(start, calls):
    (doomed,) = start(1, 60, 0, 8)
    wait_for(lambda: len(Path(calls.path).read_text().splitlines()) == 8)
    os.kill(doomed.pid, signal.SIGKILL)
    (heir,) = start(1, 0.01, 0, 20)
    assert ends_well(heir)
    assert Counter(Counter(calls.take()).values()) == {1: 12, 2: 8}


def test_who_waits_for_a_killed_process_takes_over_at_once(start, calls):
    (doomed,) = start(1, 60, 0, 8)
    wait_for(lambda: len(Path(calls.path).read_text().splitlines()) == 8)
    (heir,) = start(1, 0.01, 0, 8)
    began = time.monotonic()
    doomed.kill()
    assert ends_well(heir)
    assert time.monotonic() - began < claims.LEASE_US / 1e6 / 2
    assert set(Counter(calls.take()).values()) == {2}


def test_processes_that_are_killed_again_and_again_get_done(start, calls):
    """Each may lose only the calls that it was just making."""
    kills = 0
    while True:
        (process,) = start(1, 0.03, 0, 80)  # longer than the first one may live
        process.join(0.15 + 0.05 * kills)
        if process.exitcode is not None:
            break
        process.kill()
        process.join()
        kills += 1
    assert process.exitcode == 0
    assert kills > 0
    assert 80 <= len(calls.take()) <= 80 + 8 * kills


def test_a_process_that_cannot_be_seen_is_dead_when_its_lease_ends(open_ledger, loop, monkeypatch):
    far, here = open_ledger(), open_ledger()
    key = key_of(here, 'a')
    monkeypatch.setattr('pixeltable.exec.ledger.writer.this_process', lambda: Process('elsewhere', 1, '1'))
    monkeypatch.setattr(claims, 'LEASE_US', 300_000)
    loop.run(far.claim([key]))
    assert loop.run(here.claim([key])).others == (key,)
    began = time.monotonic()
    invoke = Counted()
    assert loop.run(call_all(here, shout, ['a'], invoke)) == ['A']
    assert invoke.calls == ['a']
    assert time.monotonic() - began < 5


def test_a_lease_is_renewed_while_a_call_takes_long(open_ledger, loop, monkeypatch):
    monkeypatch.setattr('pixeltable.exec.ledger.writer.this_process', lambda: Process('elsewhere', 1, '1'))
    monkeypatch.setattr('pixeltable.exec.ledger.writer.RENEW_S', 0.05)
    monkeypatch.setattr(claims, 'LEASE_US', 1_000_000)
    far, here = open_ledger(), open_ledger()
    key = key_of(here, 'a')
    loop.run(far.claim([key]))
    time.sleep(1.2)
    assert loop.run(here.claim([key])).others == (key,)
    loop.run(far.store({key: 'A'}, TEXT))
    assert loop.run(here.wait(key, TEXT)) == 'A'


def test_a_forked_child_goes_on(ledger, loop, calls):
    loop.run(call_all(ledger, shout, ['a'], Counted()))
    loop.run(ledger.claim([key_of(ledger, 'claimed by the parent')]))

    def child():
        invoke = Counted()
        assert loop.run(call_all(ledger, shout, ['a', 'b'], invoke)) == ['A', 'B']
        Path(calls.path).write_text(str(invoke.calls))
        ledger.close()

    process = PROCESSES.Process(target=child)
    process.start()
    process.join(30)
    assert (process.exitcode, calls.take()) == (0, ["['b']"])
    invoke = Counted()
    assert loop.run(call_all(ledger, shout, ['b', 'c'], invoke)) == ['B', 'C']
    assert invoke.calls == ['c']
