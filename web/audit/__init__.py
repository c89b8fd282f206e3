"""审核页。Internal audits as pages."""
