"""Modules that are run when first used: ``--help`` and ``--version`` need none of the engine."""

import importlib.util
import sys
from types import ModuleType


def later(name: str) -> ModuleType:
    """Return a module that is run once something of it is asked for.

    Parameters
    ----------
    name
        Full name of the module.

    Returns
    -------
    The module; the one that is loaded already, where it is.

    Raises
    ------
    ModuleNotFoundError
        If there is none of that name.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
