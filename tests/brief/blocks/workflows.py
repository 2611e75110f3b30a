# Section "Declarative Workflows as Computed Columns", verbatim.
from pixeltable.functions.openai import chat_completions

# Multi-step workflow as schema
kb = pxt.create_table('knowledge_base', {'raw_text': pxt.String})

# Step 1: Extract entities
kb.add_computed_column(
    entities=extract_entities(kb.raw_text)
)

# Step 2: Generate embeddings
kb.add_embedding_index('raw_text', string_embed=...)

# Step 3: Classify based on entities
kb.add_computed_column(
    category=chat_completions(
        messages=[{'role': 'user', 'content': f'Classify: {kb.entities}'}]
    )
)

# All steps run automatically on insert/update
kb.insert([{'raw_text': 'New document'}])
# → entities extracted → embedded → classified
