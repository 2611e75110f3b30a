import pytest

from pixeltable.catalog import documents
from pixeltable.catalog.records import TableRecord
from pixeltable.errors import ErrorCode, RequestError


def test_table_round_trip():
    record = TableRecord('id', 'a/b', 'view', (1, 2), 'comment', {'k': [1, None]}, 'on_read', 7, 9)
    assert documents.table_record('id', 'a/b', 7, documents.table_text(record)) == record


@pytest.mark.parametrize(
    'text',
    ['', '[]', '{}', '{"tag":"tags","version":99,"tags":[]}', '{"tag":"column","version":1,"tags":[]}'],
    ids=['empty', 'list', 'no tag', 'newer', 'other tag'],
)
def test_what_is_not_ours_is_refused_in_words(text):
    with pytest.raises(RequestError, match='catalog') as caught:
        documents.tags(text)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_documents_name_no_python_class():
    assert documents.tags_text(('a',)) == '{"tag":"tags","version":1,"tags":["a"]}'
