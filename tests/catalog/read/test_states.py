from pixeltable.catalog.returns import ForgetVersion, Restore


def seen(bench, table, since):
    start, later = bench.catalog.states(table, since)
    return start and (start.version, start.content), [(each.commit, each.version, each.content) for each in later]


def revert(bench, table):
    last, before = bench.catalog.versions(table)[:2]
    return bench.run(Restore(table, before.commit), ForgetVersion(table, last.version)).commit


def test_each_version_is_a_state(bench, table):
    made = bench.catalog.last_commit()
    one, two = bench.insert().commit, bench.insert().commit
    assert seen(bench, table, 0) == (None, [(made, 0, made), (one, 1, one), (two, 2, two)])
    assert seen(bench, table, one) == ((1, one), [(two, 2, two)])
    assert seen(bench, table, two) == ((2, two), [])


def test_commits_that_make_no_version_are_none(bench, table):
    made = bench.catalog.last_commit()
    bench.run(bench.segment())
    assert seen(bench, table, made) == ((0, made), [])


def test_a_revert_is_a_state_and_so_is_what_it_took_back(bench, table):
    one, two, three = (bench.insert().commit for _ in range(3))
    first, second = revert(bench, table), revert(bench, table)
    again = bench.insert().commit
    ways_back = [(first, 2, two), (second, 1, one), (again, 2, again)]
    assert seen(bench, table, one) == ((1, one), [(two, 2, two), (three, 3, three), *ways_back])
    assert seen(bench, table, three) == ((3, three), ways_back)
    assert seen(bench, table, first) == ((2, two), ways_back[1:])
    assert seen(bench, table, second) == ((1, one), ways_back[2:])


def test_times_are_those_of_the_commits(bench, table):
    bench.insert()
    revert(bench, table)
    _, later = bench.catalog.states(table, 0)
    times = [each.created_at for each in later]
    assert times == sorted(times)
    assert len(later) == 3
    assert times[:2] == [each.created_at for each in bench.catalog.states(table, 0)[1][:2]]
