"""What numbers, places and shapes are in a payload.

Places are whole steps of a millionth of a degree east and north of `Payload.origin`. A missing
value is `None`.
"""

Number = int | float
Place = list[int]  # steps east, steps north
Offsets = list[int]  # the steps east and north of each vertex in turn, from the one before
Shape = list[list[Offsets]]  # polygons, each its rings, the outer one first
Packed = str  # integers as text, see `network_payload.pack`
