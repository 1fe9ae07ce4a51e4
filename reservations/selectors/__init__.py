"""Reads around selling, by topic."""
