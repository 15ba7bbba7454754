"""The command line: one file a command. Commands translate, print and draw bars."""
