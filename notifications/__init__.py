"""通知。Notifications tell: letters, keys, rendering, links, transport. They know no tables."""
