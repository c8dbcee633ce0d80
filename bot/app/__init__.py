"""The composition root: builds everything from settings, starts it and stops it. Nothing else constructs.

`berth` puts it together, of parts that stand beside it by what they are: what all rests on, the use cases, the passes
and when they run, the threads, and the ways in from Slack and by HTTP.
"""

from bot.app.berth import Berth, build

__all__ = ["Berth", "build"]
