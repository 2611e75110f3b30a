"""Ctrl-C: a clean end within a second, a note that says what is kept, and a session that goes on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from ready import Program

PROGRAM = """
import asyncio, sys, time
import pixeltable as pxt

pxt.init({'pixeltable.home': sys.argv[1], 'pixeltable.verbosity': 0})
BEGUN = sys.argv[1] + '-begun'

def begin():
    open(BEGUN, 'w').close()

@pxt.udf
def sync(x: int) -> int:
    begin()
    time.sleep(0.5)
    return x

@pxt.udf
async def waiting(x: int) -> int:
    begin()
    await asyncio.sleep(30)
    return x

@pxt.udf(workers='processes')
def in_processes(x: int) -> int:
    begin()
    time.sleep(30)
    return x

@pxt.udf(batch_size=4)
def batched(x: pxt.Batch[int]) -> pxt.Batch[int]:
    begin()
    time.sleep(0.5)
    return x

@pxt.udf(cache=True)
async def paid(x: int) -> int:
    if x == 100:
        begin()
    await asyncio.sleep(0.01 if x < 100 else 30)
    return x

t = pxt.create_table('t', {'x': pxt.Int})
t.insert([{'x': x} for x in range(1000)])
ended = 0.0
print('ready', flush=True)
try:
    t.add_computed_column(y=globals()[sys.argv[2]](t.x))
except KeyboardInterrupt as error:
    print(time.time(), *error.__notes__, flush=True)
    assert t.columns() == ['x']
    t.insert([{'x': 1}])
    assert t.count() == 1001
    raise
"""


@pytest.mark.parametrize('name', ['sync', 'waiting', 'in_processes', 'batched', 'paid'])
def test_an_interrupt_ends_it_and_keeps_the_session(tmp_path: Path, name: str) -> None:
    script = tmp_path / 'program.py'
    script.write_text(PROGRAM)
    process = Program(script, str(tmp_path / 'home'), name)
    assert process.stdout.readline() == 'ready\n'
    while not (tmp_path / 'home-begun').exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.2)  # until some results are in the ledger
    sent = time.time()
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    ended = time.time()
    stopped, note = out.split(' ', 1)
    assert 'KeyboardInterrupt' in errors, errors
    assert "add column 'y' to 't' was interrupted" in note
    assert ('in the ledger' in note) == (name == 'paid')
    # A busy machine makes everything slower: what must not be waited for takes thirty.
    assert float(stopped) - sent < 5, out
    assert ended - sent < 15
