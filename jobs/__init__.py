"""Dispatch of training jobs, GPU leases, vLLM control."""
