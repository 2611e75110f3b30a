# Section "Built-in Semantic Search": the same clauses in the same order, over text instead of images.
# Add image embedding index
images = pxt.create_table('images', {'img': pxt.String})
images.add_embedding_index(
    'img',
    embedding=sentence_transformer.using(model_id='sentence-transformers/all-MiniLM-L6-v2')
)

images.insert([{'img': caption} for caption in captions])

# Search (always up-to-date)
query_img = 'a photograph of a cat'
sim = images.img.similarity(query_img)

results = (
    images
    .order_by(sim, asc=False)
    .where(images.id != 6)  # Metadata filtering
    .limit(5)
    .select(images.img, sim)
    .collect()
)
