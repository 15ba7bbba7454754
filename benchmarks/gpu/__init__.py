"""What make gpu runs on a machine with a GPU, and what can be checked without one."""
