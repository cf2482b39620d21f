"""What the makers of the embedded districts share: shapes, streets, communities, people, files."""
