"""What the constraints refuse, said in the words of a hotelier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from pms.core.db_errors import domain_error


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn the violation of a constraint with a known name into its domain error, for callers that are no edge.

    Time-outs and deadlocks pass as they are: `with_retry` looks for them.
    """
    try:
        yield
    except IntegrityError as error:
        refusal = domain_error(error)
        if refusal is None:
            raise
        raise refusal from error
