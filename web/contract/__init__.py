"""合同页。Contracts, requirements and problems as pages."""
