"""vLLM under control: started or joined, adapters loaded at run time, put to sleep while its GPU trains."""
