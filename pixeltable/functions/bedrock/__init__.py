"""Models at Amazon Bedrock. Needs the extra `bedrock`, a region, and AWS credentials or `BEDROCK_API_KEY`.

The region is `region_name` in section `[bedrock]`, or that of AWS. Calls for one model share the resource pool
`bedrock:<model_id>`; the tokens and the cost of each are recorded.
"""

from __future__ import annotations

from pixeltable.functions.bedrock.embedding import embed
from pixeltable.functions.bedrock.models import converse, invoke_model, invoke_tools

__all__ = ['converse', 'embed', 'invoke_model', 'invoke_tools']
