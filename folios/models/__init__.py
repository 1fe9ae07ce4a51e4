"""The hotel's books: transaction codes, folios, postings with their legs, invoices, the night audit."""

from .audits import NightAudit
from .codes import TransactionCode
from .folios import Folio, FolioWindow
from .invoices import Invoice, InvoiceLine, NumberSeries
from .postings import Leg, Posting

__all__ = [
    "Folio",
    "FolioWindow",
    "Invoice",
    "InvoiceLine",
    "Leg",
    "NightAudit",
    "NumberSeries",
    "Posting",
    "TransactionCode",
]
