"""登录。Signing in and out."""
