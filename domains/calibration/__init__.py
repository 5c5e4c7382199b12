"""Do calibration sets and outliers still matter in post-training quantisation? (Paglieri et al. 2024)"""

from __future__ import annotations

from wunderkammer.domains.calibration.study import CalibrationStudy

DOMAINS = (CalibrationStudy,)
