"""Parameters and shares estimated from what was counted, with their errors."""

from corridors.estimation.leaving import groups, leave_out
from corridors.estimation.parameters import Parameter, Parameters
from corridors.estimation.result import FREE, GROUPS, USES, EstimationOptions, EstimationResult
from corridors.estimation.rounds import estimate

__all__ = [
    "FREE",
    "GROUPS",
    "USES",
    "EstimationOptions",
    "EstimationResult",
    "Parameter",
    "Parameters",
    "estimate",
    "groups",
    "leave_out",
]
