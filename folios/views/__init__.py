"""Pages of folios and the night audit, by topic: one function for each address."""

from .folios import add_window, folios, open_folio, post_charge, reverse_posting, take_payment, undo_posting
from .invoices import download_invoice, issue_invoice
from .night_audit import night_audit, resume_audit, start_audit

__all__ = [
    "add_window",
    "download_invoice",
    "folios",
    "issue_invoice",
    "night_audit",
    "open_folio",
    "post_charge",
    "resume_audit",
    "reverse_posting",
    "start_audit",
    "take_payment",
    "undo_posting",
]
