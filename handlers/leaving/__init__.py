"""What is said when somebody leaves, and what they leave behind."""
