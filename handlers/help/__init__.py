"""Help: every command, from the table of the grammar."""
