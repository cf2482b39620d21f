"""What the site is made of: the documents, the READMEs by chapters, pages out of the registers."""
