"""Areas within reach: drawn on a raster, with an exact border."""
