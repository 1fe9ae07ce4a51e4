"""Reads of connections, messages and availability."""
