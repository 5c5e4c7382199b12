"""Any OpenAI-compatible server behind one gateway, and the embedded one."""
