"""What Berth remembers: SQLModel tables, one repository a noun, and migrations. Nothing here decides or calls out."""
