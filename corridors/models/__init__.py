"""What is optimised over a network: the flow problem, its two solution methods, and the certificate.

Nothing heavy is imported before it is used: the names below are looked up in their modules on first access.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridors.models.certificate import Certificate, certify
    from corridors.models.problem import FlowProblem, FlowSolution

__all__ = ["Certificate", "FlowProblem", "FlowSolution", "certify"]

_HOMES = {
    "Certificate": "certificate",
    "FlowProblem": "problem",
    "FlowSolution": "problem",
    "certify": "certificate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
