"""NVML's field values: many quantities of one GPU in one call, each with a return code of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from telemetry.nvml_calls import GpuLost

Field = tuple[int, int]
"""Field id and scope (the NVLink, where the field has one)."""


class FieldValues:
    """Reads a set of fields of one GPU.

    What the driver or the GPU does not have is found out by the first read and not asked for again; what failed
    for another reason is.
    """

    def __init__(self, nvml: Any, handle: Any, fields: Iterable[Field]) -> None:
        self._nvml, self._handle = nvml, handle
        self._fields = list(fields) if hasattr(nvml, "nvmlDeviceGetFieldValues") else []
        self._probed = False

    def read(self) -> dict[Field, float]:
        """Return the fields that have a value now; raise :class:`GpuLost`."""
        if not self._fields:
            return {}
        nvml = self._nvml
        try:
            found = nvml.nvmlDeviceGetFieldValues(self._handle, self._fields)
        except nvml.NVMLError as error:
            self._failed(error.value)
            return {}
        values: dict[Field, float] = {}
        gone: set[Field] = set()
        for field, entry in zip(self._fields, found, strict=True):
            code = entry.nvmlReturn
            if code == nvml.NVML_ERROR_GPU_IS_LOST:
                raise GpuLost
            if code == nvml.NVML_SUCCESS:
                value = _value(nvml, entry)
                if value is not None:
                    values[field] = value
            elif code in (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_INVALID_ARGUMENT):
                gone.add(field)
        self._settle(gone)
        return values

    def drop(self, fields: Iterable[Field]) -> None:
        """Ask for these no more."""
        unwanted = set(fields)
        self._fields = [field for field in self._fields if field not in unwanted]

    def _settle(self, gone: set[Field]) -> None:
        if not self._probed:
            # Only once: a field that works now and fails later has failed, not gone.
            self._probed = True
            self.drop(gone)

    def _failed(self, code: int) -> None:
        nvml = self._nvml
        if code == nvml.NVML_ERROR_GPU_IS_LOST:
            raise GpuLost from None
        if code in (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_FUNCTION_NOT_FOUND):
            self._fields = []


def _value(nvml: Any, entry: Any) -> float | None:
    """Return the member of the union that ``valueType`` names."""
    member = {
        nvml.NVML_VALUE_TYPE_DOUBLE: "dVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_INT: "uiVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_LONG: "ulVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG: "ullVal",
        nvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG: "sllVal",
        nvml.NVML_VALUE_TYPE_SIGNED_INT: "siVal",
        nvml.NVML_VALUE_TYPE_UNSIGNED_SHORT: "usVal",
    }.get(entry.valueType)
    if member is None:
        return None
    value = getattr(entry.value, member)
    return value if math.isfinite(value) else None
