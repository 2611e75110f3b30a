"""What is wrong in a call is said before anything is sent."""

from __future__ import annotations

import pytest
from provider_calls import CHAT, ask, asked
from wire import Wire

import pixeltable as pxt
from pixeltable.functions import anthropic, gemini, ollama, openai

pytestmark = [pytest.mark.needs('openai'), pytest.mark.needs('anthropic')]


@pxt.udf
def shout(s: str) -> str:
    return s.upper()


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('OPENAI', 'ANTHROPIC'):
        monkeypatch.setenv(f'{name}_API_KEY', 'a-key')
        monkeypatch.setenv(f'{name}_BASE_URL', wire.url)
    wire.says('/chat/completions', CHAT)


def test_messages_that_are_no_list(wire, t) -> None:
    for messages in (t.text, 'hello', {'role': 'user', 'content': t.text}, {'role': 'user', 'content': 'hello'}):
        with pytest.raises(pxt.RequestError, match="'messages' is of type") as caught:
            openai.chat_completions(messages, model='m')
        assert caught.value.error_code is pxt.ErrorCode.TYPE_MISMATCH
    assert wire.requests == []


def test_a_stream(wire, t) -> None:
    for call in (
        openai.chat_completions(asked(t), model='m', model_kwargs={'stream': True}),
        anthropic.messages(asked(t), model='m', max_tokens=5, model_kwargs={'stream': True}),
    ):
        with pytest.raises(pxt.Error, match='leave out `stream`'):
            ask(t, call)
    assert wire.requests == []


def test_a_choice_of_tools_in_the_words_of_the_provider(wire, t) -> None:
    ask(t, openai.chat_completions(asked(t), model='m', tools=pxt.tools(shout), tool_choice='required'))
    assert wire.requests[0].body['tool_choice'] == 'required'
    with pytest.raises(pxt.Error, match=r'tools\.choice'):
        ask(t, anthropic.messages(asked(t), model='m', max_tokens=5, tools=pxt.tools(shout), tool_choice='auto'))


def test_functions_that_are_no_tools(t) -> None:
    with pytest.raises(pxt.RequestError, match=r'pxt\.tools\(f, g\)'):
        openai.chat_completions(asked(t), model='m', tools=[shout])
    with pytest.raises(pxt.RequestError, match=r'what pxt\.tools\(\) gives') as caught:
        openai.invoke_tools([shout], t.text)  # type: ignore[arg-type]
    assert caught.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


def test_options_that_a_client_refuses_are_not_tried_again(wire, t, monkeypatch) -> None:
    pytest.importorskip('google.genai')
    monkeypatch.setenv('GEMINI_API_KEY', 'a-key')
    monkeypatch.setenv('GEMINI_BASE_URL', wire.url)
    with pytest.raises(pxt.ExternalServiceError, match=r'(?s)gemini was not asked.*temprature') as caught:
        ask(t, gemini.generate_content(t.text, model='m', config={'temprature': 1}))
    assert caught.value.error_code is pxt.ErrorCode.PROVIDER_BAD_REQUEST
    assert (pxt.usage()['calls'], wire.requests) == ([1], [])


def test_a_format_that_is_no_schema(wire, t, monkeypatch) -> None:
    pytest.importorskip('ollama')
    monkeypatch.setenv('OLLAMA_HOST', wire.url)
    with pytest.raises(pxt.Error, match='no JSON Schema as text'):
        ask(t, ollama.chat(asked(t), model='m', format='{"type"'))
    assert wire.requests == []
