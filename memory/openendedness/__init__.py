"""Open-endedness: whether what a system makes stays new and can be learnt from, for an observer (Hughes et al. 2024).

    Series ─▶ Observer ─▶ LossMatrix ─▶ Verdict

A system is open-ended for an observer if its artifacts are *novel*, ever less expected by one who has stopped watching,
and *learnable*, ever more expected the longer one has watched.
"""
