"""A report set as Markdown, HTML, Word or Excel."""
