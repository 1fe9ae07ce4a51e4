"""Writes around selling, by topic; every other app calls these, nothing else saves."""
