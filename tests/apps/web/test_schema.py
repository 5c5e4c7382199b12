"""The OpenAPI document against the application: whatever it allows to be sent, no answer is a server error."""

from __future__ import annotations

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
