"""The two local servers that stand in for Slack and for a Kubernetes cluster, in the demo and in every test.

They speak the real protocols to the real clients; nothing here may import the bot that talks to them.
"""
