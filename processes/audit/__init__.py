"""内部审核。Internal audits: from the programme to the last verified finding."""
