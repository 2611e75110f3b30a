"""Whether a text is harmful."""

from __future__ import annotations

from typing import Any, TypedDict

from pixeltable.functions._provider import requests
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions.openai.provider import OPENAI
from pixeltable.udf.decorators import udf


class Categories(TypedDict, total=False):
    harassment: bool
    harassment_threatening: bool
    hate: bool
    hate_threatening: bool
    illicit: bool | None
    illicit_violent: bool | None
    self_harm: bool
    self_harm_instructions: bool
    self_harm_intent: bool
    sexual: bool
    sexual_minors: bool
    violence: bool
    violence_graphic: bool  # fmt: skip


class CategoryScores(TypedDict, total=False):
    harassment: float
    harassment_threatening: float
    hate: float
    hate_threatening: float
    illicit: float
    illicit_violent: float
    self_harm: float
    self_harm_instructions: float
    self_harm_intent: float
    sexual: float
    sexual_minors: float
    violence: float
    violence_graphic: float  # fmt: skip


class CategoryAppliedInputTypes(TypedDict, total=False):
    harassment: list[str]
    harassment_threatening: list[str]
    hate: list[str]
    hate_threatening: list[str]
    illicit: list[str]
    illicit_violent: list[str]
    self_harm: list[str]
    self_harm_instructions: list[str]
    self_harm_intent: list[str]
    sexual: list[str]
    sexual_minors: list[str]
    violence: list[str]
    violence_graphic: list[str]  # fmt: skip


class Moderation(TypedDict):
    categories: Categories
    category_applied_input_types: CategoryAppliedInputTypes
    category_scores: CategoryScores
    flagged: bool


class ModerationCreateResponse(TypedDict):
    id: str
    model: str
    results: list[Moderation]


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def moderations(input: str, *, model: str = 'omni-moderation-latest') -> ModerationCreateResponse:
    """Whether a text is harmful, and how: `t.checked.results[0].flagged`. Names of categories are words with underscores.

    Raises:
        ExternalServiceError: the provider failed.
    """
    answer = await requests.ask(OPENAI, '/moderations', {'input': input, 'model': model})
    try:
        results = [{name: _renamed(value) for name, value in result.items()} for result in answer['results']]
        found = {'id': str(answer['id']), 'model': str(answer['model'])}
    except (AttributeError, KeyError, TypeError) as error:
        raise unreadable(OPENAI.name, f'it is no moderation ({type(error).__name__}: {error})') from error
    results = [{'category_applied_input_types': {}, **result} for result in results]
    return {**found, 'results': results}  # type: ignore[typeddict-item]


def _renamed(value: Any) -> Any:
    """`self-harm/intent` is `self_harm_intent`."""
    if not isinstance(value, dict):
        return value
    return {name.replace('/', '_').replace('-', '_'): item for name, item in value.items()}
