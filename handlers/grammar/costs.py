"""What environments cost, and how much may be had."""

from typing import Final

from handlers.grammar.rows import Argument, CommandRow, Kind

COST: Final = CommandRow(
    "cost",
    "what your environments cost, and what sleeping saved",
    "Look",
    (Argument("name", Kind.ENVIRONMENT),),
    ("cost", "cost blue"),
    ("costs", "price", "bill", "spend"),
)
LIMITS: Final = CommandRow(
    "limits",
    "what you, your team and the clusters may have, and what of it is used",
    "Look",
    examples=("limits",),
    also=("quota", "quotas", "limit", "budget"),
)
