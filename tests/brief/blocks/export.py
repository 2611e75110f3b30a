# Section "Data Portability", verbatim but for the selected columns, which are `...` there.
# Export to Parquet
df = my_table.select(my_table.text, my_table.n).collect().to_pandas()
df.to_parquet('export.parquet')

# Export embeddings
embeddings = my_table.select(my_table.text_embedding).collect()
