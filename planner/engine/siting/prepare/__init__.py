"""What makes tables ready: distances, points put together, candidates thinned out."""
