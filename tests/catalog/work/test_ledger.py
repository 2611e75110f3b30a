import pytest

from pixeltable.catalog.work import ledger
from pixeltable.catalog.work.ledger import ENTRY_BYTES, OF_FUNCTION, Counts, Described

FIRST, SECOND = bytes(OF_FUNCTION), b'\xff' * OF_FUNCTION
FUNCTIONS = {FIRST: Described('m.first', '() -> Int'), SECOND: Described('m.second', '() -> Int')}


def keys(function, *numbers):
    return [function + b'%020d' % number for number in numbers]


@pytest.fixture
def filled(work):
    """300 entries of one function made at time 5, and two of another made at time 9."""
    with work.write() as connection:
        ledger.put(connection, dict.fromkeys(keys(FIRST, *range(300)), b'value'), FUNCTIONS, 5)
        ledger.put(connection, dict.fromkeys(keys(SECOND, 1, 2), b'other'), FUNCTIONS, 9)
    return work


def counts(work):
    with work.read() as connection:
        return {function.name: (counts.entries, counts.bytes) for _, function, counts in ledger.counted(connection)}


@pytest.mark.parametrize('number', [0, 1, 2, 16, 17, 256, 257, 300])
def test_any_number_of_keys(filled, number):
    with filled.read() as connection:
        found = ledger.find(connection, keys(FIRST, *range(300 - number, 310)))
    assert sorted(found) == [(key, 5, b'value') for key in keys(FIRST, *range(300 - number, 300))]


def test_what_is_there_stays(filled):
    with filled.write() as connection:
        ledger.put(connection, dict.fromkeys(keys(SECOND, 2, 3), b'new value'), FUNCTIONS, 10)
        assert [value for *_, value in sorted(ledger.find(connection, keys(SECOND, 1, 2, 3)))] == [
            b'other', b'other', b'new value',
        ]  # fmt: skip
    assert counts(filled)['m.second'] == (3, 3 * ENTRY_BYTES + 19)


def test_remove(filled):
    with filled.write() as connection:
        assert ledger.remove(connection, keys(FIRST, 0, 1, 999)) == 2
    assert counts(filled)['m.first'] == (298, 298 * (ENTRY_BYTES + 5))


def test_remove_all_of_a_function(filled):
    with filled.write() as connection:
        assert ledger.remove_of(connection, [SECOND], 9) == 0
        assert ledger.remove_of(connection, [SECOND], 10) == 2
        assert ledger.remove_of(connection, [FIRST, SECOND], 10) == 300
    assert counts(filled) == {'m.first': (0, 0), 'm.second': (0, 0)}


def test_evict(filled):
    with filled.write() as connection:
        ledger.touch(connection, keys(FIRST, 7), 10)
        ledger.evict(connection, 64 * (ENTRY_BYTES + 5))
        left = ledger.find(connection, keys(FIRST, *range(300))) + ledger.find(connection, keys(SECOND, 1, 2))
    assert len(left) == 63
    assert {key for key, *_ in left} >= {*keys(FIRST, 7), *keys(SECOND, 1, 2)}


def test_counts_add_up(filled):
    with filled.write() as connection:
        for _ in range(2):
            ledger.count(connection, {FIRST: Counts(hits=2, misses=1)}, FUNCTIONS)
        known = {fingerprint: counts for fingerprint, _, counts in ledger.counted(connection)}
    assert (known[FIRST].hits, known[FIRST].misses, known[FIRST].entries) == (4, 2, 300)
