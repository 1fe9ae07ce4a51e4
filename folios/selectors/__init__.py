"""Reads of the books, by topic."""
