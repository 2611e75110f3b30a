from __future__ import annotations

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.net import presigned_url


def test_links_to_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'key')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'secret')
    monkeypatch.setenv('AWS_REGION', 'eu-west-1')
    link = presigned_url.raw('s3://pictures/cats/a b.jpg', 60)
    assert link.startswith('https://')
    assert 'cats/a%20b.jpg' in link
    assert 'X-Amz-Expires=60' in link
    assert presigned_url.raw('https://example.com/a', 60) == 'https://example.com/a'


@pytest.mark.parametrize(
    ('uri', 'seconds'),
    [('s3://bucket', 60), ('file:///a', 60), ('a.jpg', 60), ('s3://b/a', 0), ('s3://b/a', 10**9), ('gs://b/a', 60)],
)
def test_mistakes(uri: str, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_SERVICE_ACCOUNT', 'GOOGLE_SERVICE_ACCOUNT_KEY'):
        monkeypatch.setenv(name, 'nothing')
    with pytest.raises(RequestError, match=r'presigned_url\(\)') as caught:
        presigned_url.raw(uri, seconds)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
