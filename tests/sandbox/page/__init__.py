"""The sandbox workspace's page, used in a real browser as a person uses it."""
