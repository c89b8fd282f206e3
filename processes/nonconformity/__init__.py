"""不符合项。Nonconformities: from raised to closed."""
