import pytest
from ledger_calls import TEXT, Counted, call_all, key_of, shout

from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.ledger import ENTRY_BYTES
from pixeltable.exec.ledger import reader

VALUE = 'x' * 1000
ENTRY = 1300 + ENTRY_BYTES  # a little more than such a value takes


@pytest.fixture
def aged(monkeypatch):
    """Each look at the clock is a minute later than the one before, and the last use is known to the second."""
    clock = iter(range(10**15, 10**18, 60_000_000))
    for module in ('reader', 'writer'):
        monkeypatch.setattr(f'pixeltable.exec.ledger.{module}.time.time_ns', lambda: next(clock) * 1000)
    monkeypatch.setattr(reader, '_COARSE_US', 1_000_000)


def store(ledger, loop, *texts):
    for text in texts:
        loop.run(ledger.store({key_of(ledger, text): VALUE}, TEXT))


def kept(ledger, loop, *texts):
    keys = {key_of(ledger, text): text for text in texts}
    return sorted(keys[key] for key in loop.run(ledger.find(list(keys), TEXT)))


def test_what_was_not_used_for_longest_goes_first(open_ledger, loop, aged):
    ledger = open_ledger(4 * ENTRY)
    store(ledger, loop, 'a', 'b', 'c', 'd')
    assert kept(ledger, loop, 'a', 'c') == ['a', 'c']
    loop.run(ledger.release([]))  # after what the answer was found to be worth noting
    store(ledger, loop, 'e', 'f')
    assert kept(ledger, loop, *'abcdef') == ['a', 'c', 'e', 'f']


def test_the_size_stays_below_the_limit(open_ledger, loop):
    ledger = open_ledger(10 * ENTRY)
    for number in range(40):
        store(ledger, loop, f'text {number}')
        counts = ledger.upkeep.by_name()[f'{shout.module}.{shout.qualname}'].ever
        assert counts.bytes <= 10 * ENTRY
    assert counts.entries >= 8


def test_what_is_counted_is_what_is_there(open_ledger, loop):
    ledger = open_ledger(5 * ENTRY)
    store(ledger, loop, *'abcdefgh', 'a', 'a')
    with ledger.upkeep._work.read() as connection:
        entries_there, bytes_there = connection.command('SELECT count(*), sum(size) FROM work_ledger')[0]
        counts = entries.counted(connection)[0][2]
    assert (counts.entries, counts.bytes) == (entries_there, bytes_there)


def test_what_is_larger_than_the_ledger_is_not_kept(open_ledger, loop):
    ledger = open_ledger(ENTRY)
    store(ledger, loop, 'small')
    loop.run(ledger.store({key_of(ledger, 'large'): VALUE * 2}, TEXT))
    assert kept(ledger, loop, 'small', 'large') == ['small']


def test_large_values_are_kept(ledger, loop):
    large = 'x' * 20_000_000
    key = key_of(ledger, 'large')
    loop.run(ledger.store({key: large}, TEXT))
    assert loop.run(ledger.find([key], TEXT)) == {key: large}


def test_hits_and_misses_are_counted_for_all_sessions(open_ledger, loop):
    first, second = open_ledger(), open_ledger()
    loop.run(call_all(first, shout, ['a', 'b', 'a'], Counted()))
    loop.run(call_all(second, shout, ['a', 'b', 'c', 'a'], Counted()))
    first.close()
    (name,) = second.upkeep.by_name()
    known = second.upkeep.by_name()[name]
    assert name == f'{shout.module}.{shout.qualname}'
    assert (known.session.hits, known.session.misses) == (3, 1)
    assert (known.ever.entries, known.ever.hits, known.ever.misses) == (3, 3, 3)
