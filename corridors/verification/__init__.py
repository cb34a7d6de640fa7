"""A plan folder proved anew: everything that it shows, from its routes, what it leaves behind and its prices."""

from __future__ import annotations

from corridors.verification.proving import DIGEST, Check, Verification, verify

__all__ = ["DIGEST", "Check", "Verification", "verify"]
