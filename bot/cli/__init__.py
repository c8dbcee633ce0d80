"""What an operator types. Each command reads the configuration, does one thing and tells it in plain words.

A command imports what it needs only when it is run, so that `berth --help` answers at once.
"""
