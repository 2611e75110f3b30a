# Section "Case Study: Context-Aware AI System", verbatim.
from pixeltable.functions.huggingface import sentence_transformer
import pixeltable as pxt

# Setup knowledge base
kb = pxt.create_table('org_knowledge', {
    'type': pxt.String,        # 'code', 'decision', 'incident'
    'content': pxt.String,
    'path': pxt.String,
    'created_at': pxt.Timestamp
})

# Automatic embedding index
kb.add_embedding_index(
    'content',
    string_embed=sentence_transformer.using(
        model_id='sentence-transformers/all-MiniLM-L6-v2'
    )
)

# Computed ADR detection
@pxt.udf
def is_adr(path: str, content: str) -> bool:
    return 'adr' in path.lower() or 'architectural decision' in content.lower()

kb.add_computed_column(is_adr=is_adr(kb.path, kb.content))
