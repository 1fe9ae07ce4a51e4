"""The kernel of the public API: who calls, what for, and how every answer and every refusal looks (docs/api.md)."""
