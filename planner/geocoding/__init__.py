"""Look addresses up at a map service, by the user's own key, and keep what was found in a file."""

from planner.geocoding.geocode import Geocoded, geocode
from planner.geocoding.services import Service, services

__all__ = ["Geocoded", "Service", "geocode", "services"]
