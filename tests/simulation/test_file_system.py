from __future__ import annotations

from file_system import (
    FOLDER,
    KEPT,
    LOST,
    FailedSync,
    Link,
    Model,
    Rename,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
)


def trees(model: Model) -> list[dict[str, bytes | None]]:
    found: list[dict[str, bytes | None]] = []
    for fates in model.possible_fates():
        tree = model.after(fates)
        if tree not in found:
            found.append(tree)
    return found


def model(*events: object) -> Model:
    made = Model()
    for event in events:
        made.apply(event)  # type: ignore[arg-type]
    return made


def test_a_new_file_without_any_sync() -> None:
    found = trees(model(Link('a', 1), Write(1, 0, b'data')))
    assert sorted(tree.get('a', b'none') or b'' for tree in found) == [b'', bytes(4), b'data', b'none', b'\xa5' * 4]


def test_a_sync_makes_content_durable_and_not_the_name() -> None:
    assert trees(model(Link('a', 1), Write(1, 0, b'data'), Sync(1))) == [{}, {'a': b'data'}]


def test_a_sync_of_the_folder_makes_names_durable_and_not_the_content() -> None:
    found = trees(model(Link('a', 1), Write(1, 0, b'data'), SyncFolder('')))
    assert all('a' in tree for tree in found)
    assert {'a': b''} in found


def test_a_rename_is_lost_or_kept_as_a_whole() -> None:
    found = trees(model(Link('a', 1), SyncFolder(''), Rename('a', 'b', 1)))
    assert found == [{'a': b''}, {'b': b''}]


def test_a_rename_may_be_kept_and_the_first_name_lost() -> None:
    assert {'b': b''} in trees(model(Link('a', 1), Rename('a', 'b', 1)))


def test_a_removed_name_may_come_back() -> None:
    assert trees(model(Link('a', 1), SyncFolder(''), Unlink('a'))) == [{'a': b''}, {}]


def test_what_is_in_a_lost_folder_is_lost() -> None:
    found = trees(model(Link('f', FOLDER), Link('f/a', 1), SyncFolder('f')))
    assert found == [{}, {'f': None, 'f/a': b''}]


def test_a_write_is_cut_between_sectors() -> None:
    old, new = b'0' * 1536, b'1' * 1536
    found = {
        tree['a'] for tree in trees(model(Link('a', 1), Write(1, 0, old), Sync(1), SyncFolder(''), Write(1, 0, new)))
    }
    assert {new[:512] + old[512:], old[:1024] + new[1024:], old, new} <= found


def test_a_write_beyond_the_end_changes_nothing_before_it() -> None:
    found = trees(model(Link('a', 1), Write(1, 0, b'old'), Sync(1), SyncFolder(''), Write(1, 700, b'new')))
    assert all((tree['a'] or b'').startswith(b'old') for tree in found)
    assert {'a': b'old' + bytes(697) + b'new'} in found


def test_writes_reach_the_disk_in_any_order() -> None:
    written = model(Link('a', 1), SyncFolder(''), Write(1, 0, b'1'), Write(1, 1, b'2'), Truncate(1, 1))
    assert {b'', b'1', b'2', b'12', b'\x002'} <= {tree['a'] for tree in trees(written)} | {b'2'}


def test_what_a_failed_sync_lost_stays_lost() -> None:
    written = model(Link('a', 1), SyncFolder(''), Write(1, 0, b'1'), FailedSync(1), Write(1, 1, b'2'), Sync(1))
    assert {tree['a'] for tree in trees(written)} == {b'\x002', b'12', b'\xa52'}
    written.apply(Write(1, 0, b'3'))
    written.apply(Sync(1))
    assert {tree['a'] for tree in trees(written)} == {b'32'}


def test_many_events_are_not_all_combined() -> None:
    written = model(Link('a', 1), *(Write(1, offset, b'x') for offset in range(30)))
    fates = list(written.possible_fates())
    assert fates[:2] == [(LOST,) * 31, (KEPT,) * 31]
    assert len(fates) < 1000
