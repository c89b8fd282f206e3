"""服务合同。What was promised to the customer: contracts, services, SLAs, contacts, requirements.

Clauses 3.1.2-2a (service requirements are identified, recorded and met) and 3.1.4b (problems).
"""
