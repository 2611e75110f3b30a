"""Models that find the answer to a question in a text."""

from __future__ import annotations

from typing import TypedDict

from pixeltable._support.optional import require
from pixeltable.functions.huggingface.loading import EXTRA, load, running
from pixeltable.udf.decorators import udf

LONGEST_ANSWER = 30
"""Tokens."""


class QuestionAnsweringResponse(TypedDict):
    """`start` and `end` are positions of characters in the text."""

    answer: str
    score: float
    start: int
    end: int


@udf(cache=True)
def question_answering(context: str, question: str, *, model_id: str) -> QuestionAnsweringResponse:
    """The part of `context` that answers the question best. What does not fit into the model's length is not read.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForQuestionAnswering', 'AutoTokenizer', model_id)
    with running, torch.inference_mode():
        inputs = loaded.tensors(question, context, truncation='only_second', return_offsets_mapping=True)
        inside = torch.tensor([each == 1 for each in inputs.sequence_ids(0)])
        places = inputs.pop('offset_mapping')[0].tolist()
        output = loaded.model(**inputs)
        begins, ends = (
            logits[0].cpu().masked_fill(~inside, -torch.inf).softmax(-1)
            for logits in (output.start_logits, output.end_logits)
        )
    pairs = (
        torch.outer(begins, ends).triu().tril(LONGEST_ANSWER - 1)
    )  # from each beginning to each end not far behind it
    best = int(pairs.argmax())
    first, last = divmod(best, len(places))
    start, end = places[first][0], places[last][1]
    return {'answer': context[start:end], 'score': float(pairs.flatten()[best]), 'start': start, 'end': end}
