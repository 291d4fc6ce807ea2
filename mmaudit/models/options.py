"""Options of a model: what its answers are, how pictures reach it; the same in every adapter.

| option | what it says |
|---|---|
| ``classes=a,b`` | names of the columns of the answer, in their order |
| ``output=logits`` | what the answer is: one of `OUTPUTS` |
| ``output_name=NAME`` | which of several outputs is the answer: a name, or a number from 0 |
| ``layout=``, ``scale=``, ``mean=``, ``std=``, ``size=`` | pictures: `mmaudit.models.pictures` |
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from mmaudit.errors import UsageError
from mmaudit.models.base import Output, Request
from mmaudit.models.describe import OUTPUTS
from mmaudit.models.pictures import PICTURES, Pictures
from mmaudit.options import unknown
from mmaudit.parsing.documents import from_json

ANSWER = ("classes", "output", "output_name")
EVERY = (*ANSWER, *PICTURES)


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The options that every adapter has.

    Attributes:
        classes: Names of the columns of the answer; None where nothing is said.
        output: What the answer is; None where nothing is said.
        output_name: Which of several outputs is the answer; None where nothing is said.
        pictures: How pictures are handed over.
    """

    classes: tuple[str, ...] | None = None
    output: Output | None = None
    output_name: str | None = None
    pictures: Pictures = field(default_factory=Pictures)

    @property
    def of_pictures(self) -> "ModelOptions":
        """What is said of pictures alone."""
        return ModelOptions(pictures=self.pictures)

    @property
    def said(self) -> bool:
        """Whether anything is."""
        return self != ModelOptions()

    @classmethod
    def of(
        cls,
        request: Request,
        own: Collection[str] = (),
        lacks: Mapping[str, str] = MappingProxyType({}),
        defaults: Mapping[str, str] = MappingProxyType({}),
    ) -> "ModelOptions":
        """The options of a request.

        Args:
            request: How the model was asked for.
            own: Options that the adapter has beside these, or in their place.
            lacks: Why it has not some of these.
            defaults: What a file says by itself, where nothing else is said.

        Raises:
            UsageError: There is no such option, or its value means nothing; close ones are named.
        """
        only(request, {*EVERY, *own} - lacks.keys(), lacks)
        text = {k: v for k, v in defaults.items() if k in EVERY} | {
            k: v for k, v in request.options.items() if k not in own
        }
        output = text.get("output")
        if output is not None and output not in OUTPUTS:
            raise unknown(f"there is no output {output!r}", output, OUTPUTS, where=request.spec)
        return cls(
            classes=listed(text["classes"]) if "classes" in text else None,
            output=cast("Output | None", output),
            output_name=text.get("output_name"),
            pictures=Pictures.of({k: text[k] for k in PICTURES if k in text}, request.spec),
        )

    def answers(self, own: Output, spec: str) -> Output:
        """What the answers are, of a model that knows it.

        Raises:
            UsageError: Something else is said of them.
        """
        if self.output not in {None, own}:
            raise UsageError(
                f"output={self.output}, and the answers are {own}", where=spec, fix=f"output={own}"
            )
        return own


def only(
    request: Request,
    names: Collection[str],
    lacks: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Refuse options that an adapter does not have.

    Raises:
        UsageError: There is one; why, or close names, are said.
    """
    for name in request.options:
        what = f"there is no option {name!r}"
        if name in lacks:
            raise UsageError(f"{what}: {lacks[name]}", where=request.spec, fix=f"leave {name} out")
        if name not in names:
            raise unknown(what, name, sorted(names), where=request.spec)


def listed(text: str) -> tuple[str, ...]:
    """Names from ``a,b,c`` or from a JSON list, for names that hold commas.

    Raises:
        UsageError: It is neither.
    """
    if not text.startswith("["):
        return tuple(one.strip() for one in text.split(","))
    try:
        return tuple(str(one) for one in from_json(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a list of names", fix='["a", "b"]') from error
