"""The exit statuses of the command line."""

EXIT_BROKEN_PIPE = 1  # as Python and click have it
EXIT_BAD_INPUT = 2
EXIT_SOME_FAILED = 3  # of the districts of a batch
EXIT_INTERRUPTED = 130
