"""A scenario's questions, put to a district, and their answers."""
