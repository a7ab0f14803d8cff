"""What operators see of a running daemon: every metric in metrics.py, every log line by way of logs.py."""
