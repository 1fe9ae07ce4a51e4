"""Two people's words brought together."""

from __future__ import annotations


def merged(original: str, mine: str, theirs: str) -> str:
    """Return both texts as one: what either kept of the original stays once, what either wrote anew is all there.

    Line by line: theirs as it stands, then each of my lines that is new. A line that either of us took out is gone.
    """
    before, my_lines, their_lines = original.splitlines(), mine.splitlines(), theirs.splitlines()
    dropped_by_me = [line for line in before if line not in my_lines]
    kept = [line for line in their_lines if line not in dropped_by_me or line not in before]
    new = [line for line in my_lines if line not in before and line not in kept]
    return "\n".join([*kept, *new]).strip("\n")
