"""`{% plan_grid pen group %}` and `{% plan_room row seq %}`: what `room_plan_pen` draws, inside a template.

A node returns text that the engine takes as it is. The pen has escaped everything that people typed.
"""

from __future__ import annotations

from collections.abc import Callable

from django import template

from reservations.room_plan_pen import Pen, room_head

register = template.Library()


class Drawn(template.Node):
    """Puts what `draw` returns for the resolved arguments into the page."""

    def __init__(self, draw: Callable[..., str], arguments: list[template.base.FilterExpression]) -> None:
        self.draw, self.arguments = draw, arguments

    def render(self, context: template.Context) -> str:
        return self.draw(*[argument.resolve(context) for argument in self.arguments])


def _tag(draw: Callable[..., str]) -> Callable[[template.base.Parser, template.base.Token], Drawn]:
    def compiled(parser: template.base.Parser, token: template.base.Token) -> Drawn:
        return Drawn(draw, [parser.compile_filter(part) for part in token.split_contents()[1:]])

    return compiled


register.tag("plan_grid", _tag(Pen.grid))
register.tag("plan_room", _tag(lambda row, seq: room_head(row.room, row.kind, seq=seq)))
