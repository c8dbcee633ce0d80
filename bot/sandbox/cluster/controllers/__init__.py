"""The controllers: what a cluster does by itself after an object was written."""

from bot.sandbox.cluster.controllers.cluster import Pace
from bot.sandbox.cluster.controllers.loop import Controllers

__all__ = ["Controllers", "Pace"]
