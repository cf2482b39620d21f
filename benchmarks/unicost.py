"""Unicost set covers that a rule generates, with the best covers that the literature knows.

CYC(n): fewest edges of an n-cube that hit each of its 4-cycles; CLR(n): fewest 4-subsets of n
elements so that none of two colours spares them all (Grossman & Wool 1997, OR-Library's scpcyc and
scpclr). STS: Steiner triple systems, each triple to be hit (Fulkerson, Nemhauser & Trotter 1974).
"""

import itertools

import numpy as np
from scipy import sparse

BEST = {
    "sts9": 5,
    "sts15": 9,
    "sts27": 18,
    "sts45": 30,
    "sts81": 61,
    "sts135": 103,
    "sts243": 198,
    "cyc6": 60,
    "cyc7": 144,
    "cyc8": 342,
    "cyc9": 772,
    "cyc10": 1794,
    "cyc11": 3968,
    "clr10": 25,
    "clr11": 23,
    "clr12": 23,
    "clr13": 23,
}
"""Best known, those of sts proven, of cyc6 and cyc7 too."""


def instance(name: str) -> sparse.csr_array:
    """Build an instance by name: rows to be covered by columns, as ones."""
    family, size = name[:3], int(name[3:])
    sets = {"sts": steiner, "cyc": cycles, "clr": colours}[family](size)
    rows = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    columns = np.concatenate([np.asarray(one) for one in sets])
    shape = (len(sets), int(columns.max()) + 1)
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def steiner(n: int) -> list[tuple[int, ...]]:
    """List the triples of the system of order 9, 15, or thrice one of these."""
    if n == 9:  # lines of the affine plane
        return sorted(
            {
                tuple(sorted(3 * ((x + k * dx) % 3) + (y + k * dy) % 3 for k in range(3)))
                for x, y in itertools.product(range(3), repeat=2)
                for dx, dy in ((0, 1), (1, 0), (1, 1), (1, 2))
            }
        )
    if n == 15:
        return bose(5)
    size = n // 3
    triples = [(x, x + size, x + 2 * size) for x in range(size)]
    for a, b, c in steiner(size):
        for i, j in itertools.product(range(3), repeat=2):
            triples.append((a + i * size, b + j * size, c + (-i - j) % 3 * size))
    return triples


def bose(q: int) -> list[tuple[int, ...]]:
    """List the triples of Bose's system of order 3q, q odd."""
    half = (q + 1) // 2
    triples = [(x, x + q, x + 2 * q) for x in range(q)]
    for x, y in itertools.combinations(range(q), 2):
        middle = (x + y) * half % q
        triples += [(x + i * q, y + i * q, middle + (i + 1) % 3 * q) for i in range(3)]
    return triples


def cycles(n: int) -> list[tuple[int, ...]]:
    """List the 4-cycles of the n-cube by their edges."""
    number = {}
    for corner in range(2**n):
        for axis in range(n):
            if not corner >> axis & 1:
                number[corner, axis] = len(number)
    found = []
    for corner in range(2**n):
        for one, other in itertools.combinations(range(n), 2):
            if not (corner >> one & 1 or corner >> other & 1):
                edges = [(corner, one), (corner, other)]
                edges += [(corner | 1 << other, one), (corner | 1 << one, other)]
                found.append(tuple(number[edge] for edge in edges))
    return found


def colours(n: int) -> list[tuple[int, ...]]:
    """List for each colouring of n elements in two colours the 4-subsets of one colour."""
    subsets = np.array(list(itertools.combinations(range(n), 4)))
    found = []
    for colouring in range(1, 2 ** (n - 1)):  # the last element's colour does not matter
        dark = (colouring >> subsets & 1).sum(axis=1)
        found.append(tuple(np.flatnonzero((dark == 0) | (dark == 4))))
    return found
