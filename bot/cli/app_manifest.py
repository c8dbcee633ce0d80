"""The Slack app's manifest.json: in the source's root, and beside the packages in the container image."""

import json
from pathlib import Path
from typing import Any

import bot


def app_manifest() -> dict[str, Any] | None:
    """The manifest, or None where an installation does not carry it."""
    path = Path(bot.__file__).parent.parent / "manifest.json"
    described: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return described


def bot_scopes() -> frozenset[str] | None:
    """The scopes that the bot's token needs, or None where there is no manifest to tell."""
    manifest = app_manifest()
    return frozenset(manifest["oauth_config"]["scopes"]["bot"]) if manifest else None
