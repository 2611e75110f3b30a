"""Answers with images that leave out what others have."""

from __future__ import annotations

import pytest
from provider_calls import B64, ask

from pixeltable.functions import openai

pytestmark = pytest.mark.needs('openai')
TOLD = [{'input_tokens': 5, 'output_tokens': 9}, {'input_tokens_details': {'text_tokens': 5}}, {}]


@pytest.mark.parametrize('told', TOLD)
def test_images_are_kept_whatever_is_told_of_tokens(wire, t, told, monkeypatch) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'a-key')
    monkeypatch.setenv('OPENAI_BASE_URL', wire.url)
    wire.says('/images/generations', {'created': 5, 'data': [{'b64_json': B64}], 'usage': told})
    t.add_computed_column(made=openai.image_generations(t.text, model='gpt-image-1'))
    assert ask(t, t.made.data[0]).size == (3, 2)
    assert ask(t, t.made.usage.total_tokens) == sum(value for value in told.values() if isinstance(value, int))
