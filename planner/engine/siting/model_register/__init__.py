"""The register of siting models, from which settings, checks, pages and tests are made.

To add a model, `register` its `ModelSpec` and write its texts; nothing else has to know of it.
"""

from __future__ import annotations

from planner.engine.siting.model_register.spec import ModelSpec
from planner.engine.siting.model_register.specs import SPECS

__all__ = ["MODELS", "ModelSpec", "register"]

MODELS: dict[str, ModelSpec] = {spec.id: spec for spec in SPECS}


def register(spec: ModelSpec) -> ModelSpec:
    """Add a model to the register, and return it.

    Parameters
    ----------
    spec
        What is registered.

    Returns
    -------
    The same.

    Raises
    ------
    ValueError
        If there is one of that name: a mistake of whoever writes it.
    """
    if spec.id in MODELS:
        raise ValueError(f"there is a model {spec.id!r} already")
    MODELS[spec.id] = spec
    return spec
