"""Reads of the audit log for the hotel's pages."""
