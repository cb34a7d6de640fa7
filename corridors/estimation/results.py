"""What an estimation found, as tables: the fit, the parameters, the residuals, the influence, what hangs together.

Intervals hold nine in ten: 1.645 standard deviations to either side, of a factor or a share those of its logarithm.
With the posterior's scaled Jacobian as V diag(s) U' (`corridors.models.estimation.posterior`), leaving observation j
out moves the parameters, to first order, by

    S^(1/2) U diag(s / (1 + s^2)) V' e_j  r_j / (1 - h_j)

(Cook & Weisberg 1982), from which follow which parameter a count moves most and how far all of them together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.estimation.result import NEAR_SDS
from corridors.tables.schema import fields, keys, limits
from corridors.text.choices import ASKED_TABLES, ESTIMATE_TABLES

if TYPE_CHECKING:
    from corridors.estimation.result import EstimationResult
    from corridors.models.arrays import BoolArray, FloatArray, IntArray
    from corridors.tables.dataset import Dataset

NINETY = 1.6448536269514722  # standard deviations to either side of an interval that holds nine in ten
IDENTIFIED = 0.1  # of the variance: what counts narrow less is said to be left as it was judged
CORRELATED = 0.3  # in size: less is not listed
MOST_CORRELATED = 300  # parameters among which correlations are looked for: those that the counts narrow most
YES, NO = "yes", "no"
PASS, FAIL = "pass", "fail"


@dataclass(frozen=True, eq=False)
class EstimateTables:
    """The tables of an estimation, as estimate.datapackage.json describes them."""

    fit: pd.DataFrame
    estimates: pd.DataFrame
    residuals: pd.DataFrame
    influence: pd.DataFrame
    correlations: pd.DataFrame
    years: pd.DataFrame | None = None
    elasticities: pd.DataFrame | None = None

    def each(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of `ESTIMATE_TABLES`, then those of `ASKED_TABLES` that there are."""
        found = {name: getattr(self, name) for name in (*ESTIMATE_TABLES, *ASKED_TABLES)}
        return {name: frame for name, frame in found.items() if frame is not None}


def tables_of(result: EstimationResult) -> EstimateTables:
    """Return what was found as tables."""
    residuals = residuals_of(result)
    return EstimateTables(
        fit=fit_of(residuals),
        estimates=estimates_of(result),
        residuals=residuals,
        influence=influence_of(result),
        correlations=correlations_of(result),
    )


def estimates_of(result: EstimationResult) -> pd.DataFrame:
    """Return a row a parameter: its numbers before and after, with intervals, and how much the counts say of it."""
    q, posterior = result.estimate.q, result.posterior
    each = result.parameters.each
    before, after = (_first_cells(data, result) for data in (result.parameters.dataset, result.dataset))
    addend = np.array([one.kind == "addend" for one in each], dtype=np.bool_)
    frame = pd.DataFrame(
        {
            "parameter": [one.name for one in each],
            "group": [one.group for one in each],
            "kind": [one.kind for one in each],
            "table": [one.table for one in each],
            "key": [one.keys[0] for one in each],
            "column": [one.column for one in each],
            "cells": [len(one.keys) for one in each],
            "unit": [fields(one.table)[one.column]["unit"] for one in each],
            "before": before,
            "estimate": after,
        }
    )
    for name, middle, sd in (("", after, posterior.sd), ("prior_", before, posterior.prior_sd)):
        low, high = interval(middle, sd, addend)
        least, most = _allowed(result)
        # what the column does not allow is no value of a factor, whatever its logarithm may be
        frame[f"{name}low"] = np.where(addend, low, np.minimum(np.maximum(low, least), middle))
        frame[f"{name}high"] = np.where(addend, high, np.maximum(np.minimum(high, most), middle))
    ratio = np.divide(after, before, out=np.full(len(each), np.nan), where=(before != 0) & ~addend)
    return frame.assign(
        factor=ratio,
        q=q,
        prior_sd=posterior.prior_sd,
        sd=posterior.sd,
        moved=result.moved,
        identified=posterior.identified,
        total=[one.total for one in each],
    )


def interval(middle: FloatArray, sd: FloatArray, addend: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the 90 % intervals about numbers, (Q,): sums of an addend, products of the others."""
    reach = NINETY * sd
    low = np.where(addend, middle - reach, middle * np.exp(-np.where(addend, 0.0, reach)))
    high = np.where(addend, middle + reach, middle * np.exp(np.where(addend, 0.0, reach)))
    return low, high


def _allowed(result: EstimationResult) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that a number above 0 of each parameter may be, (Q,)."""
    found = [limits(fields(one.table)[one.column]) for one in result.parameters.each]
    least, most = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return least, most


def _first_cells(dataset: Dataset, result: EstimationResult) -> FloatArray:
    """Return the first number of each parameter in a data package, (Q,)."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for one in result.parameters.each:
        place = one.table, one.column
        if place not in found:
            frame = dataset[one.table]
            found[place] = dict(zip(keys(one.table, frame), frame[one.column].tolist(), strict=True))
    each = result.parameters.each
    return np.array([found[one.table, one.column][one.keys[0]] for one in each], dtype=np.float64)


def residuals_of(result: EstimationResult) -> pd.DataFrame:
    """Return a row a count of the year, with the model's figures before and after, used or not."""
    told = result.observations
    value, model = (told[column].to_numpy(dtype=np.float64) for column in ("value", "model"))
    columns = ["observation", "name_en", "kind", "use", "group"]
    frame = told[columns].assign(counted=_yes(told["used"].to_numpy(dtype=np.bool_)))
    numbers = ["value", "sd", "unit", "before", "model", "model_sd"]
    frame = frame.assign(**{name: told[name].to_numpy() for name in numbers})
    deviation = np.divide(model, value, out=np.full(len(told), np.nan), where=value > 0) - 1.0
    sds = told["sds"].to_numpy(dtype=np.float64)
    verdict = np.where(np.isnan(sds), "", np.where(np.abs(sds) <= NEAR_SDS, PASS, FAIL)).tolist()
    frame = frame.assign(deviation=deviation, sds_before=told["sds_before"].to_numpy(), sds=sds, verdict=verdict)
    return frame.reset_index(drop=True)


def fit_of(residuals: pd.DataFrame) -> pd.DataFrame:
    """Return how near the model comes to the counts, by use and unit, from the table of `residuals_of`."""
    found = []
    for (use, counted, unit), mine in residuals.groupby(["use", "counted", "unit"], sort=True):
        whole = mine["value"].sum()
        row: dict[str, object] = {"use": use, "counted": counted, "unit": unit, "observations": len(mine)}
        for end, sds, model in (("_before", "sds_before", "before"), ("", "sds", "model")):
            row[f"within{end}"] = int((mine[sds].abs() <= NEAR_SDS).sum())
            row[f"off{end}"] = float((mine[model] - mine["value"]).abs().sum() / whole) if whole else math.nan
        found.append(row)
    columns = ["use", "counted", "unit", "observations", "within_before", "within", "off_before", "off"]
    return pd.DataFrame(found, columns=columns)


def influence_of(result: EstimationResult) -> pd.DataFrame:
    """Return a row a count of the misfit: its leverage, what the model would say without it, and what that moves."""
    estimate, posterior, used = result.estimate, result.posterior, result.used
    leverage, without = posterior.leverage, posterior.without
    pull = np.sqrt(estimate.weight) * estimate.residual / (1 - leverage)
    along = posterior.loadings * (posterior.shrink * np.sqrt(1 - posterior.shrink**2)) * pull[:, None]  # (M, K)
    # S^(1/2) U diag(s / (1 + s^2)) V': as s^2 = 1 / shrink^2 - 1, s / (1 + s^2) = shrink sqrt(1 - shrink^2)
    most, by = _most_moved(result, along)
    # in the metric of the posterior a direction's move counts 1 / shrink as much as in that of the prior
    distance = np.sqrt(((along / posterior.shrink) ** 2).sum(axis=1))
    value, sd = (used[column].to_numpy(dtype=np.float64) for column in ("value", "sd"))
    frame = pd.DataFrame(
        {
            "observation": used["observation"].tolist(),
            "name_en": used["name_en"].tolist(),
            "group": used["group"].tolist(),
            "weight": estimate.weight,
            "leverage": leverage,
            "value": value,
            "model": estimate.value,
            "without": without,
            "unit": used["unit"].tolist(),
            "sds_without": (without - value) / sd,
            "distance": distance,
            "parameter": [result.parameters.each[one].name for one in most],
            "parameter_sds": by,
        }
    )
    return frame.sort_values(["distance", "observation"], ascending=[False, True], kind="stable", ignore_index=True)


def _most_moved(result: EstimationResult, along: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the parameter that each count moves most, (M,), and by how many of its standard deviations."""
    posterior = result.posterior
    known = posterior.sd > 0
    scale = np.divide(np.sqrt(posterior.variance), posterior.sd, out=np.zeros_like(posterior.sd), where=known)
    most, by = np.zeros(len(along), dtype=np.int64), np.zeros(len(along))
    for number, moved in enumerate(along):  # one by one: all together are of the size (M, Q) once more
        move = scale * (posterior.directions @ moved)
        most[number] = int(np.argmax(np.abs(move)))
        by[number] = move[most[number]]
    return most, by


def correlations_of(result: EstimationResult) -> pd.DataFrame:
    """Return the pairs of parameters, among those that the counts narrow, whose errors go together or against."""
    posterior, each = result.posterior, result.parameters.each
    order = np.argsort(-posterior.identified, kind="stable")[:MOST_CORRELATED]
    chosen = np.sort(order[posterior.identified[order] >= IDENTIFIED])
    found = []
    if chosen.size:
        matrix = posterior.correlations(chosen)
        first, second = np.nonzero(np.triu(np.abs(matrix) >= CORRELATED, 1))
        found = [(each[chosen[a]].name, each[chosen[b]].name, matrix[a, b]) for a, b in zip(first, second, strict=True)]
        found.sort(key=lambda row: (-abs(row[2]), row[0], row[1]))
    return pd.DataFrame(found, columns=["parameter", "other", "correlation"])


def _yes(told: BoolArray) -> list[str]:
    return [YES if one else NO for one in told.tolist()]
