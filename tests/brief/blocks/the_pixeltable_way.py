# Section "The Pixeltable Way", verbatim.
import pixeltable as pxt
from pixeltable.functions.huggingface import sentence_transformer

# Define transformation once as schema
docs = pxt.create_table('docs', {'text': pxt.String})

# Add embedding as computed column
docs.add_embedding_index(
    'text',
    string_embed=sentence_transformer.using(
        model_id='sentence-transformers/all-MiniLM-L6-v2'
    )
)

# Insert data
docs.insert([{'text': 'New document'}])
# ✓ Embedding computed automatically
# ✓ Index updated incrementally
# ✓ Searchable immediately

# Update existing row
docs.update({'text': 'Updated content'}, where=docs.id == 5)
# ✓ Only changed row re-embedded
# ✓ Index updated automatically
