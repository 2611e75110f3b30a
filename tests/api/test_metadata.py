from __future__ import annotations

import datetime
import uuid
from pathlib import Path

import pixeltable as pxt


def test_of_a_table(t: pxt.Table) -> None:
    found = t.get_metadata()
    assert list(found) == list(pxt.TableMetadata.__annotations__)
    assert isinstance(found['id'], uuid.UUID)
    assert isinstance(found['version_created'], datetime.datetime)
    assert (found['name'], found['path'], found['kind']) == ('t', 't', 'table')
    assert (found['version'], found['schema_version'], found['is_data_versioned']) == (1, 0, True)
    absent = ('comment', 'custom_metadata', 'primary_key', 'base', 'view_filter', 'view_sample', 'iterator_call')
    assert [found[name] for name in absent] == [None] * 7


def test_of_columns(t: pxt.Table) -> None:
    t.add_columns({'note': {'type': pxt.String | None, 'comment': 'free text', 'custom_metadata': {'a': [1]}}})
    t.add_computed_column(big=t.s.upper())
    columns = t.get_metadata()['columns']
    assert columns['note'] == {
        'name': 'note',
        'type_': 'String | None',
        'version_added': 2,
        'is_stored': True,
        'is_primary_key': False,
        'media_validation': None,
        'is_computed': False,
        'computed_with': None,
        'is_builtin': None,
        'depends_on': None,
        'defined_in': 't',
        'comment': 'free text',
        'custom_metadata': {'a': [1]},
        'is_iterator_col': False,
        'destination': None,
        'format': None,
        'quality': None,
        'pin': None,
    }
    big = columns['big']
    assert (big['computed_with'], big['depends_on'], big['is_builtin']) == ('s.upper()', [('t', 's')], True)
    assert (columns['k']['version_added'], big['version_added'], t.get_metadata()['schema_version']) == (0, 3, 3)


def test_a_users_function_is_not_builtin(t: pxt.Table) -> None:
    @pxt.udf
    def double(k: int) -> int:
        return 2 * k

    t.add_computed_column(twice=double(t.k))
    assert t.get_metadata()['columns']['twice']['is_builtin'] is False


def test_columns_that_change_keep_their_version(t: pxt.Table) -> None:
    t.add_column(note=pxt.String | None)
    t.rename_column('note', 'remark')
    assert t.get_metadata()['columns']['remark']['version_added'] == 2


def test_media_validation() -> None:
    schema = {'a': pxt.Image | None, 'b': {'type': pxt.Image | None, 'media_validation': 'on_read'}, 'k': pxt.Int}
    columns = pxt.create_table('m', schema).get_metadata()['columns']
    assert [columns[name]['media_validation'] for name in 'abk'] == ['on_write', 'on_read', None]


def test_media_are_stored_as_was_said(tmp_path: Path) -> None:
    t = pxt.create_table('m', {'a': pxt.Image, 'b': {'type': pxt.Video | None, 'pin': False}, 'k': pxt.Int}, pin=True)
    t.add_computed_column(small=t.a.resize((4, 4)), format='jpeg', quality=85, destination=tmp_path / 'out')
    view = pxt.create_view('v', t, media_validation='on_read')
    for table in (t, view):  # what a table says counts for its own columns
        columns = table.get_metadata()['columns']
        assert [columns[name]['pin'] for name in ('a', 'b', 'k', 'small')] == [True, False, None, None]
        assert columns['a']['media_validation'] == 'on_write'
        small = columns['small']
        assert (small['format'], small['quality'], small['destination']) == ('jpeg', 85, (tmp_path / 'out').as_uri())
        for shown in (repr(table), table._repr_html_()):
            assert all(each in shown for each in ('Media Column', 'jpeg', '85', 'file:///'))
    assert 'Media Column' not in repr(pxt.create_table('plain', {'img': pxt.Image}))
