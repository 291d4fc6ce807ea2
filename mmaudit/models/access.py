"""Access: who named what can run code, and what the person who runs it allows.

Nothing that can run code is loaded without it: `mmaudit.models.load.load` is the one door to
models, encoders, checkpoints and remedies, and asks for it every time.
"""

from dataclasses import dataclass

from mmaudit.samples.origin import Origin

PERSON = ""  # whoever runs the command, or calls the function, named it


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a model may be loaded; with it another process loads the same.

    Attributes:
        named_by: `PERSON`, or the file that named the model: its maker is not whoever runs it.
        trust: Whether what can run code may be opened.
        device: Where the model runs: ``auto``, ``cpu`` or ``cuda``.
        sha256: Digest that the model's file must have.
        origins: The columns of the dataset that models are asked about; empty where none is open.
        timeout: Seconds that each call of the model may take; None for as long as it takes.
    """

    named_by: str
    trust: bool = False
    device: str = "auto"
    sha256: str | None = None
    timeout: float | None = None
    origins: tuple[Origin, ...] = ()

    @property
    def from_file(self) -> bool:
        """Whether a file named the model, and not whoever runs it."""
        return self.named_by != PERSON

    def where(self, spec: str) -> str:
        """Where a spec stands, for refusals."""
        return f"{self.named_by}: {spec}" if self.from_file else spec
