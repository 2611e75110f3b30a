from __future__ import annotations

import pytest

from pixeltable._support.secrets import redacted


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('at postgresql://me:pass@host/db', 'at postgresql://me:***@host/db'),
        ('Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'),
        ("{'api_key': 'abcdefgh', 'model': 'm'}", "{'api_key': '***', 'model': 'm'}"),
        ('?access_key=abcdefgh&x=1', '?access_key=***&x=1'),
        ('Incorrect API key provided: sk-abcdefghijklmnop1234.', 'Incorrect API key provided: sk-***.'),
        ('hf_abcdefghijklmnopqrst', 'hf_***'),
        ('insert into docs: 3 rows, 12 tokens', 'insert into docs: 3 rows, 12 tokens'),
        ('the token: x', 'the token: x'),
    ],
)
def test_redacted(text, expected) -> None:
    assert redacted(text) == expected
