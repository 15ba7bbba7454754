"""The files of a text: directories and patterns, compression, archives, and files of records."""
