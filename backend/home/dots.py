"""The map on the start page: one dot for every municipality, as the data of two SVG paths."""

from functools import cache
from math import cos, radians

from backend.network import service as network

WIDTH, HEIGHT, EDGE = 990, 400, 20  # of the drawing and the room around the outermost dots


@cache
def flanders(regions: frozenset[str]) -> tuple[str, str]:
    """The dots outside and inside these regions: "M21 209h0M39 227h0…". Needs no database."""
    outside: list[str] = []
    inside: list[str] = []
    for region_key, x, y in _places():
        (inside if region_key in regions else outside).append(f"M{x} {y}h0")
    return "".join(outside), "".join(inside)


@cache
def _places() -> list[tuple[str, int, int]]:
    """Region, x and y, from west to east: degrees on a plane that is right at this latitude."""
    points = network.points()
    west, east = min(lon for _key, _lat, lon in points), max(lon for _key, _lat, lon in points)
    south, north = min(lat for _key, lat, _lon in points), max(lat for _key, lat, _lon in points)
    across = (WIDTH - 2 * EDGE) / (east - west)
    down = across / cos(radians((south + north) / 2))
    top = (HEIGHT - (north - south) * down) / 2
    return sorted(
        (
            (key, round(EDGE + (lon - west) * across), round(top + (north - lat) * down))
            for key, lat, lon in points
        ),
        key=lambda place: place[1:],
    )
