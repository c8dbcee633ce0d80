"""The local Slack workspace, entered through the real clients and through what a person does."""
