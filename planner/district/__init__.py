"""The district: what it is, how its files are read, what changes and what is met."""
