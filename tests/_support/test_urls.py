import pytest

from pixeltable._support.urls import without_secrets


@pytest.mark.parametrize(
    ('url', 'shown'),
    [
        ('postgresql://ann@host/db', 'postgresql://ann@host/db'),
        ('postgresql://ann:hush@host:5432/db?sslmode=require', 'postgresql://ann:***@host:5432/db?sslmode=require'),
        ('postgresql://ann:hu@sh/?x:y@host/db', 'postgresql://ann:***@host/db'),
        ('postgresql://:hush@host/db', 'postgresql://:***@host/db'),
        ('postgresql://host/db?user=ann&password=hush', 'postgresql://host/db?user=ann&password=***'),
        ('postgresql://host/db?sslpassword=hush&port=1', 'postgresql://host/db?sslpassword=***&port=1'),
        ('s3://bucket/prefix?secret_access_key=hush', 's3://bucket/prefix?secret_access_key=***'),
        ('no url', 'no url'),
    ],
)
def test_without_secrets(url, shown):
    assert without_secrets(url) == shown
