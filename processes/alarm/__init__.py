"""告警。Alarms: what they say, and how they reach the operator."""
