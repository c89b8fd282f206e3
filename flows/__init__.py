"""流程。Flows order: read plan, do, check, act and wheel to understand the product."""
