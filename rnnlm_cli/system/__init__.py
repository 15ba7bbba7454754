"""The machine: files, locks, paths, arrays, optional packages."""
