"""Who acts when: LangGraph state machines."""
