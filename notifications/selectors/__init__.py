"""Reads of notifications: sentences of events by app, the feed, and what a person was told."""
