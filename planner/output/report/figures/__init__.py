"""Still maps and charts of a report, and the curves that they draw."""
