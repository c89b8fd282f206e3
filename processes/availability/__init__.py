"""可用性。Time without a service, what is taken out of it, and the three figures of a contract."""
