"""The revisions, a file each, named for its number and what it brings."""
