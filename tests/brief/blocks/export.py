# Section "Data Portability", verbatim.
# Export to Parquet
df = my_table.select(...).collect().to_pandas()
df.to_parquet('export.parquet')

# Export embeddings
embeddings = my_table.select(my_table.text_embedding).collect()
