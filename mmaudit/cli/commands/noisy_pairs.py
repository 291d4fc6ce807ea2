"""Find pairs that do not belong together, and how many there are, with error rates."""

from mmaudit.cli.flags import audit_command

command = audit_command("noisy_pairs")
