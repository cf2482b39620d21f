"""One large network in tiles, so that no worker holds it all: the answers are those of the whole.

A tile is a square of homes with all that they can reach: the facilities and streets within a margin
of cutoff times speed; or a square of facilities with all homes that reach them. A way within the
cutoff is never longer than that, and a straight line never longer than the way, so it lies wholly
within the margin. Streets are taken a little farther out, as far as anybody is put on a street, so
that each place stands where it does in the whole.
"""

from planner.engine.network.tiles.streets import TiledStreets
from planner.engine.network.tiles.tile import Run, Tile, in_threads

__all__ = ["Run", "Tile", "TiledStreets", "in_threads"]
