"""Reading and writing films and sound with PyAV, for the functions of `video` and `audio`. No other program is needed."""
