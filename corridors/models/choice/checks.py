"""Whether a problem of choice is one: what is wrong with it, in a sentence."""

from __future__ import annotations

import numpy as np

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.price_ends import called


def check(problem: ChoiceProblem, start: FloatArray | None) -> None:
    """Raise a `ProblemError` if scales, delay or starting prices are none; routes are not looked at."""
    flow = problem.flow
    for name in ("way_scale", "route_scale"):
        _check_array(getattr(problem, name), flow.demand_count, name)
    wrong = np.flatnonzero(~((problem.way_scale > 0) & (problem.route_scale >= problem.way_scale)))
    if wrong.size:
        raise ProblemError(
            f"Demand {called(flow.demand_names, int(wrong[0]))} has a way_scale of {problem.way_scale[wrong[0]]:g} and "
            f"a route_scale of {problem.route_scale[wrong[0]]:g}; the first is above 0, and the second at least that."
        )
    _check_groups(problem)
    if problem.delay is not None:
        _check_delay(problem)
    if start is not None and (start.shape != (flow.resource_count,) or not np.isfinite(start).all()):
        raise ProblemError(
            f"The prices to start from have the shape {start.shape} or are not all finite; "
            f"({flow.resource_count},) finite numbers were expected."
        )


def gives_back(problem: ChoiceProblem) -> BoolArray:
    """Tell of which resources some class on some arc gives back, (R,)."""
    usage = problem.flow.usage
    found = np.zeros(problem.flow.resource_count, dtype=bool)
    if usage.data.min(initial=0) < 0:
        found[np.repeat(np.arange(found.size), np.diff(usage.indptr))[usage.data < 0]] = True
    return found


def _check_groups(problem: ChoiceProblem) -> None:
    flow, scale = problem.flow, problem.group_scale
    if (problem.group is None) != (scale is None):
        raise ProblemError("A group of each way and a group_scale of each demand belong together: give both or none.")
    if scale is None:
        return
    _check_array(scale, flow.demand_count, "group_scale")
    wrong = np.flatnonzero(~((scale >= problem.way_scale) & (scale <= problem.route_scale)))
    if wrong.size:
        raise ProblemError(
            f"Demand {called(flow.demand_names, int(wrong[0]))} has a group_scale of {scale[wrong[0]]:g}; it lies "
            f"between the way_scale, {problem.way_scale[wrong[0]]:g}, and the route_scale, "
            f"{problem.route_scale[wrong[0]]:g}."
        )


def _check_delay(problem: ChoiceProblem) -> None:
    delay, flow = problem.delay, problem.flow
    if delay is None:
        return
    for name in ("coefficient", "power", "linear_share"):
        _check_array(getattr(delay, name), flow.resource_count, f"delay's {name}")
    straight = (delay.linear_share > 0) & (delay.linear_share <= 1)
    wrong = np.flatnonzero(~((delay.coefficient >= 0) & (delay.power >= 1) & straight))
    if wrong.size:
        raise ProblemError(
            f"The delay of resource {called(flow.resource_names, int(wrong[0]))} has a coefficient below 0, a power "
            "below 1, or a linear share that is not above 0 and at most 1."
        )
    back = np.flatnonzero(delay.waits & gives_back(problem))
    if back.size:
        raise ProblemError(
            f"Freight waits at resource {called(flow.resource_names, int(back[0]))}, but some of it gives back what "
            "other freight takes there: such a resource can have a limit, and no delay."
        )


def _check_array(array: FloatArray, size: int, name: str) -> None:
    if array.shape != (size,):
        raise ProblemError(f"The {name} has the shape {array.shape}, but ({size},) was expected.")
    if not np.isfinite(array).all():
        raise ProblemError(f"The {name} holds a value that is not a finite number.")
