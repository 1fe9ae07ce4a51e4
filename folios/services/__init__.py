"""Writes of the books, by topic. Lock order: … reservation → folio → posting → number series."""
