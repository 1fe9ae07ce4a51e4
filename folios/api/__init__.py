"""The public API of folios, invoices, the night audit and the ledgers."""
