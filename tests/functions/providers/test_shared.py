"""What all providers have in common: credentials, packages, errors, prices, and the declared signatures."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable._support.optional import require
from pixeltable.catalog.sqlite import SqliteDriver
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.config import sections
from pixeltable.config.limits import PoolSettings
from pixeltable.config.settings import load
from pixeltable.errors import Error, ErrorCode, ExternalServiceError
from pixeltable.exec.limits.limits import Limits
from pixeltable.functions import openai
from pixeltable.functions._provider import prices
from pixeltable.functions._provider.errors import translated
from pixeltable.functions.openai.provider import OPENAI

KWARGS = 'model_kwargs=None'
TOOLS = 'tools=None, tool_choice=None'
SEED, FORMAT, STEPS = 'seed=None, safety_tolerance=None', 'output_format=None', 'steps=None, guidance=None'

SIGNATURES = [
    f'openai.chat_completions(messages, *, model=None, {KWARGS}, {TOOLS})',  # the surface lets the configuration name it
    f'openai.responses(input, *, model, {KWARGS}, {TOOLS})',
    f'openai.vision(prompt, image, *, model, {KWARGS})',
    f'openai.embeddings(input, *, model, {KWARGS})',
    f'openai.speech(input, *, model, voice, {KWARGS})',
    f'openai.transcriptions(audio, *, model, {KWARGS})',
    f'openai.translations(audio, *, model, {KWARGS})',
    f'openai.image_generations(prompt, *, model, {KWARGS})',
    f'openai.image_edits(image, *, prompt, model, mask=None, {KWARGS})',
    f'openai.image_variations(image, *, model, {KWARGS})',
    "openai.moderations(input, *, model='omni-moderation-latest')",
    'openai.invoke_tools(tools, response)',
    f'anthropic.messages(messages, *, model, max_tokens, {KWARGS}, {TOOLS})',
    'anthropic.invoke_tools(tools, response)',
    'gemini.generate_content(contents, *, model, config=None, tools=None)',
    'gemini.invoke_tools(tools, response)',
    'gemini.generate_images(prompt, *, model, config=None)',
    'gemini.generate_videos(prompt=None, image=None, *, model, config=None)',
    'gemini.generate_speech(text, *, model, voice, config=None)',
    'gemini.transcribe(audio, *, model, prompt, config=None)',
    'gemini.embed_content(contents, *, model, config=None)',
    "ollama.generate(prompt, *, model, suffix='', system='', template='', context=None, raw=False, format=None, options=None)",
    'ollama.chat(messages, *, model, tools=None, format=None, options=None)',
    'ollama.embed(input, *, model, truncate=True, options=None)',
    'huggingface.sentence_transformer(sentence, *, model_id, normalize_embeddings=False)',
    'huggingface.cross_encoder(sentences1, sentences2, *, model_id)',
    'huggingface.clip(text, *, model_id)',
    'huggingface.detr_for_object_detection(image, *, model_id, threshold=0.5, revision=None)',
    'huggingface.vit_for_image_classification(image, *, model_id, top_k=5)',
    'huggingface.detr_to_coco(image, detr_info)',
    f'huggingface.text_generation(text, *, model_id, {KWARGS})',
    'huggingface.text_classification(text, *, model_id, top_k=5)',
    f'huggingface.summarization(text, *, model_id, {KWARGS})',
    "huggingface.token_classification(text, *, model_id, aggregation_strategy='simple')",
    'huggingface.question_answering(context, question, *, model_id)',
    'huggingface.translation(text, *, model_id, src_lang=None, target_lang=None)',
    'huggingface.automatic_speech_recognition('
    'audio, *, model_id, language=None, chunk_length_s=None, return_timestamps=False)',
    f'deepseek.chat_completions(messages, *, model, {KWARGS}, {TOOLS})',
    f'fireworks.chat_completions(messages, *, model, {KWARGS})',
    f'groq.chat_completions(messages, *, model, {KWARGS}, {TOOLS})',
    'groq.invoke_tools(tools, response)',
    f'mistralai.chat_completions(messages, *, model, {KWARGS})',
    f'mistralai.fim_completions(prompt, *, model, {KWARGS})',
    'mistralai.embeddings(input, *, model)',
    f'nebius.chat_completions(messages, *, model, {KWARGS}, {TOOLS})',
    f'nebius.embeddings(input, *, model, {KWARGS})',
    f'openrouter.chat_completions(messages, *, model, {KWARGS}, {TOOLS}, provider=None, transforms=None)',
    f'together.completions(prompt, *, model, {KWARGS})',
    f'together.chat_completions(messages, *, model, {KWARGS})',
    'together.embeddings(input, *, model)',
    f'together.image_generations(prompt, *, model, {KWARGS})',
    f'fabric.chat_completions(messages, *, model, api_version=None, {KWARGS})',
    f"fabric.embeddings(input, *, model, api_version='2024-02-15-preview', {KWARGS})",
    'voyageai.embeddings(input, *, model, input_type=None, truncation=None, output_dimension=None, output_dtype=None)',
    'voyageai.rerank(query, documents, *, model, top_k=None, truncation=True)',
    'voyageai.multimodal_embed(text, *, model, input_type=None, truncation=True)',
    'jina.embeddings(input, *, model, task=None, dimensions=None, late_chunking=None)',
    'jina.rerank(query, documents, *, model, top_n=None, return_documents=None)',
    'twelvelabs.embed(text, image=None, *, model_name)',
    'bedrock.converse(messages, *, model_id, system=None, inference_config=None, '
    'additional_model_request_fields=None, tool_config=None)',
    'bedrock.invoke_model(body, *, model_id)',
    'bedrock.embed(text, *, model_id, dimensions=None)',
    'bedrock.invoke_tools(tools, response)',
    'replicate.run(input, *, ref)',
    'fal.run(input, *, app)',
    f'bfl.generate(prompt, *, model, width=None, height=None, {SEED}, {FORMAT}, {STEPS})',
    f'bfl.edit(prompt, image, *, model, reference_images=None, width=None, height=None, {SEED}, {FORMAT}, {STEPS})',
    f'bfl.fill(prompt, image, mask, *, model, {STEPS}, {SEED}, {FORMAT})',
    f'bfl.expand(prompt, image, *, model, top=0, bottom=0, left=0, right=0, {SEED}, {FORMAT})',
    f'runwayml.text_to_image(prompt_text, reference_images, model, ratio, *, seed=None, {KWARGS})',
    f'runwayml.text_to_video(prompt_text, model, ratio, *, duration=None, audio=None, {KWARGS})',
    'runwayml.image_to_video('
    f'prompt_image, model, ratio, *, prompt_text=None, duration=None, seed=None, audio=None, {KWARGS})',
    f'runwayml.video_to_video(video_uri, prompt_text, model, ratio, *, seed=None, {KWARGS})',
]


@pytest.mark.parametrize('declared', SIGNATURES)
def test_signatures(declared: str) -> None:
    """Names, order, kinds and defaults are those of the public surface."""
    path, _, parameters = declared.removesuffix(')').partition('(')
    module, _, name = path.partition('.')
    namespace: dict[str, Any] = {}
    exec(f'def wanted({parameters}): ...', namespace)
    function = getattr(getattr(pxt.functions, module), name)
    found = inspect.signature(getattr(function, 'raw', function)).parameters.values()
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in found]
    assert plain == list(inspect.signature(namespace['wanted']).parameters.values())


def test_a_missing_credential(home) -> None:
    t = pxt.create_table('t', {'s': pxt.String})
    t.insert([{'s': 'a'}])
    with pytest.raises(pxt.Error, match=r'OPENAI_API_KEY.*section \[openai\]'):
        t.select(openai.chat_completions([{'role': 'user', 'content': t.s}], model='m')).collect()
    with pytest.raises(pxt.AuthorizationError) as caught:
        OPENAI.connection()
    assert caught.value.error_code is ErrorCode.MISSING_CREDENTIALS


def test_a_missing_package(home, monkeypatch) -> None:
    monkeypatch.setattr('pixeltable.functions._provider.provider.require', lambda _, extra: require('no_such', extra))
    t = pxt.create_table('t', {'s': pxt.String})
    t.insert([{'s': 'a'}])
    with pytest.raises(pxt.Error, match=r'pixeltable\[openai\]'):
        t.select(openai.moderations(t.s)).collect()


def test_configuration(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv('PIXELTABLE_HOME', str(tmp_path))
    (tmp_path / 'config.toml').write_text('[openai]\napi_key = "home"\nmodel = "m"\n[pixeltable]\nverbosity = 0\n')
    (tmp_path / 'pyproject.toml').write_text('[tool.pixeltable.openai]\napi_key = "project"\n')
    found = load({'groq.api_key': 'given'}, folder=tmp_path)
    assert found.verbosity == 0
    assert (found.sections.value('openai', 'api_key'), found.sections.value('openai', 'model')) == ('project', 'm')
    monkeypatch.setenv('OPENAI_API_KEY', 'environment')
    monkeypatch.setenv('GROQ_API_KEY', 'environment')
    assert found.sections.value('openai', 'api_key') == 'environment'
    assert found.sections.value('groq', 'api_key') == 'given'
    assert 'project' not in repr(found)
    with pytest.raises(Error, match=r"no key 'api_kye'. Did you mean 'api_key'") as caught:
        load({'openai.api_kye': 'secret'}, folder=tmp_path)
    assert 'secret' not in str(caught.value)
    (tmp_path / 'pixeltable.toml').write_text('[openai]\ntimeout = "soon"\n')
    with pytest.raises(Error, match=r'openai.timeout must be seconds'):
        load(folder=tmp_path).sections.value('openai', 'timeout')


def test_rates(monkeypatch) -> None:
    limits = Limits(WorkDatabase(SqliteDriver('unused', '', '')), {'groq:fast': PoolSettings(concurrency=2)}, {})
    monkeypatch.setenv('GROQ_RATE_LIMIT', '90')
    monkeypatch.setenv('GROQ_RATE_LIMITS', '{"slow": 5}')
    monkeypatch.setenv('VOYAGE_RATE_LIMIT', '7')
    monkeypatch.setenv('TOGETHER_RATE_LIMITS', '{"images": 3}')
    monkeypatch.setenv('IMAGEN_RATE_LIMITS', '{"imagen-4": 2}')
    monkeypatch.setenv('GEMINI_RATE_LIMITS', '{"veo-3": 1}')
    found = {name: limits.settings_of(name).requests_per_minute for name in RATES}
    assert found == RATES
    monkeypatch.setenv('GROQ_RATE_LIMITS', '{"slow": 0}')
    with pytest.raises(Error, match=r'groq\.rate_limits must be of the form'):
        limits.settings_of('groq:slow')


RATES = {
    'groq:fast': None,  # what is said about the pool itself comes first
    'groq:slow': 5.0,
    'groq:other': 90.0,
    'voyageai:m': 7.0,
    'together:images:flux': 3.0,
    'together:chat:m': None,
    'mine': None,
    'gemini:imagen-4': 2.0,
    'gemini:veo-3': 1.0,
}


def test_prices(monkeypatch) -> None:
    assert prices.cost({}, 'openai', 'gpt-4o-mini-2024-07-18', 1_000_000, 0) == 0.15
    assert prices.cost({}, 'openai', 'gpt-4o-unheard-of', 10, 10) is None
    assert prices.cost({}, 'openai', 'gpt-4o', 0, 0) is None  # the answer did not say
    assert prices.cost({}, 'openai', 'gpt-4o-2024-05-13', 1_000_000, 0) == 5.0
    monkeypatch.setenv('OPENAI_PRICES', '{"gpt-4o": [1, 2]}')
    assert prices.cost(sections.value('openai', 'prices'), 'openai', 'gpt-4o', 1_000_000, 500_000) == 2.0


def test_a_key_in_a_message_is_not_shown() -> None:
    error = translated('openai', ValueError('bad key sk-abcdefghijklmnopqrstuvwxyz'))
    assert 'abcdefghij' not in str(error)


def test_the_error_of_a_provider_survives_storage() -> None:
    error = ExternalServiceError(ErrorCode.PROVIDER_ERROR, 'x').of('openai', 500, 'overloaded')
    again = Error.from_dict(error.to_dict())
    assert isinstance(again, ExternalServiceError)
    assert (again.provider, again.provider_http_status_code, again.provider_error_code) == ('openai', 500, 'overloaded')


@pytest.mark.parametrize('section', sections.SECTIONS)
def test_every_section_and_key_is_documented(section: str) -> None:
    guides = Path(__file__).resolve().parents[3] / 'docs' / 'guides'
    page = ''.join((guides / name).read_text() for name in ('providers.md', 'local-models.md'))
    assert f'`{section}`' in page
    assert all(f'| `{key}` |' in page for key in sections.SECTIONS[section])
