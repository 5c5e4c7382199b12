"""The web application: pages, `/api`, `/v1`, `/mcp`, metrics; one process, and no asset from another host."""
