"""The public API of hotels and rooms."""
