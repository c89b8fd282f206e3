"""审批。Approval: drawn up, reviewed, approved and received by named people."""
