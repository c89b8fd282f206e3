"""What the operator's forms ask for: never who audits, so that no form leads around the gate."""

from config.schedule import load_schedule
from service.prefect.deployments import deployed


def names(schema):
    """Yield what a form asks for, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from names(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from names(inner)


def test_no_form_of_the_operator_names_auditors(home):
    asked = {
        name
        for one in deployed(load_schedule(home))
        for name in names(one.flow.parameters.model_dump())
    }
    assert {"turn", "title"} <= asked  # the question sees forms at all, and into them
    assert asked.isdisjoint({"lead", "auditor", "auditors", "team", "exception", "proof"})
