"""Tables declared as classes: `pxt.model_base()`."""
