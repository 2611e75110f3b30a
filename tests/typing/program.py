"""A user's program, as a type checker sees it. Each `assert_type` is what `mypy` must find; nothing here runs."""

from typing import Any, TypedDict, assert_type

import pixeltable as pxt
import pixeltable.functions as pxtf


class Answer(TypedDict):
    text: str
    tokens: int


@pxt.udf
def length(text: str, factor: int = 1) -> int:
    return len(text) * factor


@pxt.udf(batch_size=8)
def embed(texts: pxt.Batch[str]) -> pxt.Batch[pxt.Array[(3,), pxt.Float]]:
    return [[0.0] * 3 for _ in texts]


@pxt.udf
async def ask(prompt: str, *, model: str = 'small') -> Answer:
    return {'text': prompt, 'tokens': twice(len(prompt))}


@pxt.udf
def twice(x: int) -> int:
    assert_type(length('a'), int)
    return x * 2


@pxt.expr_udf
def shout(text: str) -> str:
    return text + '!'


docs = pxt.create_table('docs', {'text': pxt.String, 'when': pxt.Timestamp | None, 'tags': pxt.Json})
assert_type(docs, pxt.Table)
assert_type(docs.count(), int)
assert_type(docs.insert([{'text': 'a'}]).num_rows, int)

assert_type(length(docs.text), pxt.Expr)
assert_type(length(docs.text, factor=2) + 1, pxt.Expr)
assert_type(docs.text == 'a', pxt.Expr)
assert_type((docs.text != 'a') & ~docs.text.isin(['b']), pxt.Expr)
assert_type(pxt.case((docs.text == 'a', 1), otherwise=0), pxt.Expr)
assert_type(pxt.coalesce(docs.when, None), pxt.Expr)
assert_type(docs.tags[0].astype(pxt.String), pxt.Expr)
assert_type(pxtf.map(docs.tags, lambda tag: tag.name), pxt.Expr)
assert_type(length.using(factor=3), pxt.Function)
assert_type(pxt.tools(length, ask).model_dump(), list[dict[str, Any]])

query = docs.where(docs.text == 'a').order_by(docs.when, asc=False).limit(3)
assert_type(query, pxt.Query)
rows = query.select(docs.text, size=length(docs.text)).collect()
assert_type(rows, pxt.ResultSet)
assert_type(len(rows), int)
