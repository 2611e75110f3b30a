from pixeltable.catalog.changes import AddFile, EndSegment, ReplaceDeletes


def build_up(bench, table):
    """Commits that add, change and end segments."""
    commits = [bench.insert(2).commit, bench.insert(3).commit]
    one, two = bench.segment_ids()
    commits.append(bench.run(ReplaceDeletes(one, 1, b'one')).commit)
    commits.append(bench.run(AddFile(two, bench.file(b'second', 2))).commit)
    commits.append(bench.run(EndSegment(one)).commit)
    return commits


def test_it_gives_the_segments_that_two_commits_see_differently(bench, table):
    commits = build_up(bench, table)
    timeline = bench.catalog.timeline(table, commits)
    for before in commits:
        for after in commits:
            old, new = (bench.catalog.contents(table, commit).segments for commit in (before, after))
            shared = set(old) & set(new)
            expected = [set(side) - shared for side in (old, new)]
            assert [set(side) - shared for side in timeline.between(before, after)] == expected


def test_it_leaves_out_what_nothing_happened_to(bench, table):
    commits = build_up(bench, table)
    old, new = bench.catalog.timeline(table, commits).between(commits[1], commits[2])
    assert [len(old), len(new)] == [1, 1]
    assert (old[0].deletes, new[0].deletes.data) == (None, b'one')
