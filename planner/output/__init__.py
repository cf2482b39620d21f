"""What a plan is written as: reports, maps and folders of files."""
