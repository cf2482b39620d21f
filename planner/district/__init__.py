"""The district: its tables, how files are read, changes over the years, and targets."""
