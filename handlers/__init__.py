"""What comes in from Slack and what people see, cut by noun.

Listeners, Block Kit as pure functions, and the command grammar.
"""
