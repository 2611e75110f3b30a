import dataclasses

import pytest

from pixeltable._support.processes import Process, this_process
from pixeltable.catalog.work import claims
from pixeltable.catalog.work.claims import LEASE_US, NEAR_US, Owner

NOW = 10**15
NEAR = Owner('near', this_process())
ENDED = Owner('ended', dataclasses.replace(this_process(), started='1'))
FAR = Owner('far', Process('another host', 1, '1'))
OTHER = Owner('other', this_process())


@pytest.fixture
def connection(work):
    with work.write() as connection:
        claims.renew(connection, OTHER, NOW)
        yield connection


def take(connection, owner, *keys, at=NOW):
    claims.renew(connection, owner, at)
    return claims.take(connection, list(keys), owner, at)


def test_a_key_is_claimed_by_one(connection):
    assert take(connection, NEAR, b'a', b'b') == {b'a', b'b'}
    assert take(connection, OTHER, b'a', b'c') == {b'c'}
    assert take(connection, NEAR, b'a') == {b'a'}
    assert claims.living(connection, [b'a', b'b', b'c', b'd'], NOW) == {b'a', b'b', b'c'}


def test_claims_end(connection):
    take(connection, NEAR, b'a', b'b')
    claims.end(connection, [b'a', b'b'], OTHER)
    claims.end(connection, [b'b'], NEAR)
    assert claims.living(connection, [b'a', b'b'], NOW) == {b'a'}


@pytest.mark.parametrize(
    ('owner', 'lives_for'), [(FAR, LEASE_US), (NEAR, LEASE_US + NEAR_US), (ENDED, -1)], ids=['far', 'near', 'ended']
)
def test_how_long_an_owner_counts_as_alive(connection, owner, lives_for):
    take(connection, owner, b'a', b'b')
    if lives_for >= 0:
        assert claims.living(connection, [b'a'], NOW + lives_for) == {b'a'}
        assert claims.take(connection, [b'a'], OTHER, NOW + lives_for) == set()
    assert claims.living(connection, [b'a'], NOW + lives_for + 1) == set()
    assert claims.take(connection, [b'a'], OTHER, NOW + lives_for + 1) == {b'a'}
    assert claims.living(connection, [b'b'], NOW) == set()  # what it held goes all at once


def test_an_owner_that_renews_lives_on(connection):
    take(connection, FAR, b'a')
    claims.renew(connection, FAR, NOW + LEASE_US)
    assert claims.living(connection, [b'a'], NOW + 2 * LEASE_US) == {b'a'}


def test_an_owner_that_was_taken_for_dead_comes_back(connection):
    take(connection, FAR, b'a')
    claims.bury(connection, FAR.id)
    assert take(connection, FAR, b'b') == {b'b'}
    assert claims.living(connection, [b'a', b'b'], NOW) == {b'b'}
