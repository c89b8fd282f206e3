"""附件下载。Files handed out: saved, never shown in place."""
