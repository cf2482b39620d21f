"""A scenario's questions about a district, and their answers."""
