"""Tell how much each modality brings to each prediction, and whether they overlap."""

from mmaudit.cli.flags import audit_command

command = audit_command("contributions")
