"""Environments as people see and ask for them: overview, list, status, making and deleting."""
