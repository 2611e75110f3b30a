from pixeltable.catalog.changes import CreateDirectory, DropDirectory


def test_the_root_is_a_directory(bench):
    assert bench.catalog.is_directory('')
    assert bench.catalog.list_paths() == []


def test_list_paths(bench):
    bench.run(*(CreateDirectory(path) for path in ('a', 'a/b', 'a-b', 'a_b')))
    bench.create('a/t')
    bench.create('a/b/t', 'u' * 32)
    assert bench.catalog.list_paths('a') == [('a/b', 'directory'), ('a/b/t', 'table'), ('a/t', 'table')]
    assert bench.catalog.list_paths('a', recursive=False) == [('a/b', 'directory'), ('a/t', 'table')]
    roots = [('a', 'directory'), ('a-b', 'directory'), ('a_b', 'directory')]
    assert bench.catalog.list_paths(recursive=False) == roots


def test_time_travel(bench):
    commit = bench.run(CreateDirectory('a')).commit
    bench.run(DropDirectory('a'))
    assert bench.catalog.is_directory('a', commit)
    assert not bench.catalog.is_directory('a', commit - 1)
    assert not bench.catalog.is_directory('a')


def test_commits_count_from_zero(bench):
    assert bench.catalog.last_commit() == 0
    assert bench.run().commit == 1
    assert bench.catalog.last_commit() == 1
