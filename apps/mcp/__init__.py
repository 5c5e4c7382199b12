"""The operations for other agents: an MCP server over the same tools that the guide has."""
