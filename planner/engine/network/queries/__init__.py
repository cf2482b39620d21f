"""Travel times, nearest facilities and routes between points on the streets."""
