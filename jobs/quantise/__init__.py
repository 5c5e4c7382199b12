"""Post-training quantisation as jobs: sets to calibrate on, quantisers, and what a quantised model still can do."""
