"""Sweep a model over corruptions: how far its answers fall as one modality gets worse."""

from mmaudit.cli.flags import audit_command

command = audit_command("robustness")
