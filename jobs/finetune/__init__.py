"""Fine-tuning as jobs: base weights, LoRA by SFT or DPO, conversion for llama.cpp, and what the model still can do."""
