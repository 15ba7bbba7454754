"""Basics: files, locks, paths, arrays, optional packages."""
