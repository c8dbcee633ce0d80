"""Limits as people meet them: what holds and is used, asking for more, and deciding about it."""
