from __future__ import annotations

import datetime

import pixeltable as pxt

from .conftest import mistakes


@mistakes(
    (lambda t: t.at(99), 'PATH_NOT_FOUND', "'t'|no version 99|0 to"),
    (lambda t: t.at(-1), 'PATH_NOT_FOUND', 'no version -1'),
    (lambda t: t.at(2**70), 'PATH_NOT_FOUND', 'no version'),
    (lambda t: t.at('keeps'), 'PATH_NOT_FOUND', "Did you mean 'keep'?"),
    (lambda t: t.at('2024-01-01'), 'PATH_NOT_FOUND', "'2024-01-01'"),
    (lambda t: t.at(datetime.datetime(1999, 1, 1)), 'PATH_NOT_FOUND', 'did not exist at 1999|first version'),
    (lambda t: t.at(datetime.date(1999, 1, 1)), 'INVALID_ARGUMENT', 'datetime.date(1999, 1, 1)|a datetime'),
    (lambda t: t.at(None), 'INVALID_ARGUMENT', 'None|version number'),
    (lambda t: t.at(True), 'INVALID_ARGUMENT', 'True'),
    (lambda t: t.at(1.0), 'INVALID_ARGUMENT', '1.0'),
    (lambda t: t.at(1).insert(text='x', n=1), 'UNSUPPORTED_OPERATION', 'past version'),
    (lambda t: t.at(0).at(99), 'PATH_NOT_FOUND', '99'),
    (lambda t: t.at(1).quad, 'COLUMN_NOT_FOUND', "'quad'"),
    (lambda t: t.diff(99), 'PATH_NOT_FOUND', '99'),
    (lambda t: t.diff(0, 'none'), 'PATH_NOT_FOUND', "'none'"),
    (lambda t: t.diff(None), 'INVALID_ARGUMENT', 'None'),
    (lambda t: t.changes(99), 'PATH_NOT_FOUND', '99'),
    (lambda t: t.changes('none'), 'PATH_NOT_FOUND', "'none'"),
    (lambda t: t.changes(1.5), 'INVALID_ARGUMENT', '1.5'),
    (lambda t: t.changes('no:cursor'), 'INVALID_ARGUMENT', "'no:cursor'"),
    (lambda t: t.get_versions(0), 'INVALID_ARGUMENT', 'n must be'),
    (lambda t: pxt.restore('t', snapshot='keep', version=1), 'INVALID_ARGUMENT', 'not both'),
    (lambda t: pxt.restore('t', snapshot=5), 'INVALID_ARGUMENT', '5'),
    (lambda t: pxt.get_snapshot('t', 5), 'INVALID_ARGUMENT', '5'),
    (lambda t: pxt.drop_snapshot('t', None), 'INVALID_ARGUMENT', 'None'),
    (lambda t: pxt.get_snapshot('t', 'keeps'), 'PATH_NOT_FOUND', "Did you mean 'keep'?"),
    (lambda t: pxt.restore('t:1', version=1), 'UNSUPPORTED_OPERATION', 'past version'),
    (lambda t: pxt.restore('d'), 'INVALID_ARGUMENT', 'directory'),
    (lambda t: pxt.restore('tt'), 'PATH_NOT_FOUND', "Did you mean 't'?"),
    (lambda t: pxt.restore(5), 'PATH_NOT_FOUND', '5'),
    (lambda t: pxt.snapshot('t', name='x', tags=5), 'INVALID_ARGUMENT', '5'),
    (lambda t: pxt.snapshot('t', name='x', tags=['a', 1]), 'INVALID_ARGUMENT', "['a', 1]"),
    (lambda t: pxt.create_snapshot('t', t, if_exists='replace'), 'PATH_ALREADY_EXISTS', 'no snapshot'),
    (lambda t: pxt.create_snapshot('missing/s', t), 'DIRECTORY_NOT_FOUND', 'create_dir'),
    (lambda t: pxt.create_snapshot('s', 'tt'), 'PATH_NOT_FOUND', "'tt'"),
)
def test_the_past(check, mistake) -> None:
    check(mistake)
