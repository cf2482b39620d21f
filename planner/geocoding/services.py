"""The map services that find addresses: how each is asked, and what its answers mean."""

from __future__ import annotations

import json
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from planner.engine.crs import Datum
from planner.errors import GeocodingError, PlannerError, fail
from planner.language import Lang

Precision = Literal["exact", "near", "none"]

_ANSWERS_WITHIN_S = 20.0
_MOST_BYTES = 1_000_000
# What Amap calls a key that may not ask, and one that has asked too often, by its documentation.
_AMAP_USED_UP = {"10003", "10044", "10045", "40000", "40003"}
_AMAP_TOO_FAST = {"10004", "10014", "10015", "10019", "10020", "10021"}
_AMAP_NOTHING = {"30001"}  # "engine response data error": the address means nothing to it
_FORBIDDEN, _TOO_MANY = (401, 403), (418, 429)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a service found for an address.

    Parameters
    ----------
    lon, lat
        Degrees in the service's datum; None where it found nothing.
    precision
        How exact that is.
    level
        What the service calls it.
    """

    lon: float | None = None
    lat: float | None = None
    precision: Precision = "none"
    level: str = ""


class AskedTooFastError(Exception):
    """The service asks for a pause; the same question may be put again."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that finds addresses.

    Parameters
    ----------
    id
        Name on the command line.
    names
        Its name by language.
    key
        Environment variable that holds the user's key.
    url
        Where it is asked.
    datum
        Datum of its coordinates.
    exact, near
        Words for how exact an answer is.
    """

    id: str
    names: Mapping[Lang, str]
    key: str
    url: str
    datum: Datum
    exact: frozenset[str]
    near: frozenset[str]

    def find(self, address: str, key: str, within: str = "") -> Place:
        """Ask where an address is.

        Parameters
        ----------
        address
            The address.
        key
            The user's key.
        within
            City or district that the address is in, to tell places of one name apart.

        Returns
        -------
        What the service found.

        Raises
        ------
        GeocodingError
            If the service refuses the key, or it has asked too often, or no answer can be had.
        AskedTooFastError
            If the service asks for a pause.
        """
        asked, understood = _DIALECTS[self.id]
        whole = address if within in address else within + address
        answer = self._ask(asked(whole, within, key))
        return understood(self, answer)

    def placed(self, lon: object, lat: object, level: str) -> Place:
        """Return a place with the precision that the service's word for it stands for.

        Parameters
        ----------
        lon, lat
            Degrees, as the service writes them.
        level
            The service's word.
        """
        how: Precision = (
            "exact" if level in self.exact else "near" if level in self.near else "none"
        )
        if how == "none":
            return Place(level=level)
        try:
            return Place(lon=float(str(lon)), lat=float(str(lat)), precision=how, level=level)
        except ValueError:
            return Place(level=level)

    def refuses_key(self, said: object) -> PlannerError:
        """Return the error of a key that the service does not take.

        Parameters
        ----------
        said
            The service's own words.
        """
        return fail(GeocodingError, "geocoding.key_refused", value=self.id, key=self.key, said=said)

    def used_up(self, said: object) -> PlannerError:
        """Return the error of a key that has asked as often as it may.

        Parameters
        ----------
        said
            The service's own words.
        """
        return fail(GeocodingError, "geocoding.used_up", value=self.id, said=said)

    def _ask(self, query: Mapping[str, str]) -> Any:
        url = f"{self.url}?{urllib.parse.urlencode(query)}"
        try:
            # The address is the service's own, of the register; no file names it.
            with urllib.request.urlopen(url, timeout=_ANSWERS_WITHIN_S) as answer:  # noqa: S310
                return json.loads(answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(_MOST_BYTES).decode("utf-8", "replace").strip()[:200]
            if error.code in _FORBIDDEN:
                raise self.refuses_key(said or error.code) from None
            if error.code in _TOO_MANY:
                raise self.used_up(said or error.code) from None
            raise self._no_answer(f"HTTP {error.code}") from None
        except (OSError, ValueError) as error:
            raise self._no_answer(str(error)[:200]) from None

    def _no_answer(self, said: str) -> PlannerError:
        return fail(GeocodingError, "geocoding.no_answer", value=self.id, said=said)


def _ask_tianditu(address: str, _within: str, key: str) -> dict[str, str]:
    return {"ds": json.dumps({"keyWord": address}, ensure_ascii=False), "tk": key}


def _understand_tianditu(service: Service, answer: Any) -> Place:
    """Return what an answer of Tianditu means: status 0 with a location, or a refusal."""
    if not isinstance(answer, dict):
        return Place()
    location = answer.get("location")
    if str(answer.get("status")) == "0" and isinstance(location, dict):
        level = str(location.get("level", ""))
        return service.placed(location.get("lon"), location.get("lat"), level)
    code = str(answer.get("code", ""))
    said = " ".join(str(answer[name]) for name in ("msg", "resolve") if answer.get(name))
    if code.startswith("302"):
        raise service.used_up(said)
    if code:
        raise service.refuses_key(said)
    return Place()


def _ask_amap(address: str, within: str, key: str) -> dict[str, str]:
    return {"address": address, "key": key, **({"city": within} if within else {})}


def _understand_amap(service: Service, answer: Any) -> Place:
    """Return what an answer of Amap means: status 1 with geocodes, or a code that says why not."""
    if not isinstance(answer, dict):
        return Place()
    code, said = str(answer.get("infocode", "")), answer.get("info", "")
    if str(answer.get("status")) == "1":
        found = answer.get("geocodes") or []
        if not found:
            return Place()
        lon, _, lat = str(found[0].get("location", "")).partition(",")
        return service.placed(lon, lat, str(found[0].get("level", "")))
    if code in _AMAP_TOO_FAST:
        raise AskedTooFastError
    if code in _AMAP_USED_UP:
        raise service.used_up(f"{said} ({code})")
    if code in _AMAP_NOTHING:
        return Place()
    raise service.refuses_key(f"{said} ({code})")


_DIALECTS: dict[
    str,
    tuple[Callable[[str, str, str], dict[str, str]], Callable[[Service, Any], Place]],
] = {
    "tianditu": (_ask_tianditu, _understand_tianditu),
    "amap": (_ask_amap, _understand_amap),
}


@cache
def services() -> Mapping[str, Service]:
    """Return the services known, by their id."""
    text = files("planner.geocoding").joinpath("services.toml").read_text("utf-8")
    return {
        name: Service(
            id=name,
            names={"zh": one["zh"], "en": one["en"]},
            key=one["key"],
            url=one["url"],
            datum=one["datum"],
            exact=frozenset(one["exact"]),
            near=frozenset(one["near"]),
        )
        for name, one in tomllib.loads(text).items()
    }
