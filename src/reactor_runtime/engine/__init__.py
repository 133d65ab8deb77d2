"""Running a model: its thread, its commands, its frames, its sessions. Knows no HTTP and no SDP."""
