"""The command line: one file per command. Commands translate, print and draw bars."""
