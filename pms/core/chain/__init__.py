"""The hash chain over the audit log: sealing after the commit, signed heads kept elsewhere, and the check of it all."""
