"""Live pages: fragments, the hub that pushes them, the one socket of each page."""
