"""The console script: `berth`, or `python -m bot`. Holds nothing but the way in."""

from bot.cli.commands import berth


def main() -> None:
    """Run the command line."""
    berth(prog_name="berth")


if __name__ == "__main__":
    main()
