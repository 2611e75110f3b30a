"""What a type checker must refuse. Each line with a comment is an error of that code, and no other line is one."""

import pixeltable as pxt


@pxt.udf
def length(text: str) -> int:
    return text  # error: return-value


@pxt.udf(batch_sizes=8)  # error: call-overload, untyped-decorator
def embed(texts: pxt.Batch[str]) -> pxt.Batch[int]:
    return [len(text) for text in texts]


docs = pxt.create_table('docs')
number: int = docs.where(docs.text == 'a')  # error: assignment
docs.limit('3')  # error: arg-type
pxt.init(5)  # error: arg-type
