"""reporting.xlsx: what was sold under a deal's agreements, period by period."""
