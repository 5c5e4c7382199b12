"""The guide: whom one talks to, who chooses tools and never does anything else."""
