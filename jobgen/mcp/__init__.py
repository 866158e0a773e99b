"""The MCP server: tools that preview plans and apply what was previewed, for coding agents."""
