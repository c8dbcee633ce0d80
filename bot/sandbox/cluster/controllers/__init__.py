"""The controllers: what a cluster does by itself after an object was written."""

from bot.sandbox.cluster.controllers.loop import Controllers, Pace

__all__ = ["Controllers", "Pace"]
