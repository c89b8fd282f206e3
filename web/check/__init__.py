"""检查页。Project quality checks as pages."""
