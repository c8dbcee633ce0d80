"""What admins ask of all environments at once."""
