"""不符合项页。Nonconformities: raised and read on pages."""
