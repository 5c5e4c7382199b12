"""Post-training quantisation as jobs: calibration sets, quantisers, activations, and what a quantised model still is."""
