"""Values and rules, without I/O: every decision of a flow is a pure function in this room."""
