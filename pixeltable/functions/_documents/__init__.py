"""Documents of all formats as blocks of text: what `functions.document` splits, and what is opened to check a document."""
