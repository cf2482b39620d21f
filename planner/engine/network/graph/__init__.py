"""Streets as a graph: read, checked, joined, weighted by mode and contracted to arrays."""
