"""Every function that others may call explains what it takes, gives and raises."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import planner
from planner import errors

ROOT = Path(planner.__file__).parent
SAYS_IT = re.compile(r"(Return|Build|Compute)s? ")  # a first line that is what is returned
NOTHING = {None, "None", "Never", "NoReturn"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(node: ast.AST, within: str = "") -> Iterator[tuple[str, Function]]:
    """Every function below a node, those in classes and in functions too, by its dotted name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ClassDef, Function)):
            name = f"{within}{child.name}"
            if isinstance(child, Function):
                yield name, child
            yield from functions_of(child, f"{name}.")
        else:
            yield from functions_of(child, within)


def section(words: str, title: str) -> str | None:
    found = re.search(rf"^{title}\n-+\n([\s\S]*?)(?=\n\n\w[\w ]*\n-+\n|\Z)", words, re.MULTILINE)
    return found and found[1]


def arguments_of(function: Function) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    names = [one.arg for one in every if one is not None]
    return [name for name in names if name not in {"self", "cls"} and not name.startswith("_")]


def raised_in(node: ast.AST) -> Iterator[str]:
    """Names of what a function raises itself: an error's class, or the function that makes it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ClassDef, Function, ast.Lambda)):
            continue
        if isinstance(child, ast.Try) and child.handlers:  # caught here, or raised again as another
            yield from (
                one for part in (*child.handlers, *child.finalbody) for one in raised_in(part)
            )
            continue
        if isinstance(child, ast.Raise) and isinstance(child.exc, ast.Call):
            made = child.exc
            is_fail = ast.unparse(made.func) == "fail"
            yield ast.unparse(made.args[0] if is_fail else made.func)
        elif isinstance(child, ast.Raise) and child.exc is not None:
            yield ast.unparse(child.exc)
        yield from raised_in(child)


def faults_of(function: Function) -> Iterator[str]:
    words = ast.get_docstring(function) or ""
    entries = (section(words, "Parameters") or "").split("\n")
    heads = [line.split(":")[0] for line in entries if line and not line.startswith(" ")]
    named = {name.strip().lstrip("*") for head in heads for name in head.split(",")}
    asked = arguments_of(function)
    if missing := [name for name in asked if name not in named]:
        yield f"does not explain {', '.join(missing)}"
    gives = function.returns and ast.unparse(function.returns)
    says = SAYS_IT.match(words) or section(words, "Returns") or section(words, "Yields")
    if asked and gives not in NOTHING and not says:
        yield f"does not say what it returns: {gives}"
    told = section(words, "Raises") or ""
    for error in sorted({*raised_in(function)} - {"NotImplementedError"}):
        kinds = getattr(getattr(errors, error, None), "__mro__", ())
        wider = [kind.__name__ for kind in kinds if issubclass(kind, errors.PlannerError)]
        is_told = any(name in told for name in (error, *wider)) if error[0].isupper() else told
        if not error.startswith("_") and not is_told:
            yield f"does not say when it raises {error}"


def test_every_function_explains_what_it_takes_gives_and_raises():
    faults = []
    for path in sorted(ROOT.rglob("*.py")):
        for name, function in functions_of(ast.parse(path.read_text("utf-8"))):
            own = name.rpartition(".")[2]
            is_overload = any("overload" in ast.unparse(one) for one in function.decorator_list)
            if own.startswith("_") or is_overload:
                continue
            place = f"{path.relative_to(ROOT.parent)}:{function.lineno} {name}"
            faults += [f"{place} {fault}" for fault in faults_of(function)]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
