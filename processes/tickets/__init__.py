"""工单。Ticket logs, and the attainment that they show."""
