"""Writes of the channel manager, by topic."""
