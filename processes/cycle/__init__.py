"""周期。The PDCA cycle as one thing, from a line of the plan to the next plan."""
