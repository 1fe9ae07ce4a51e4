"""Forms over rows that several people edit: what a form showed travels with it, so that nobody's work is overwritten.

A `VersionedForm` carries the version it was made from and, hidden beside each field, the value it showed. `save_merged`
gives both to a service: different fields are merged, the same field comes back as a conflict to choose from, drawn by
`components/conflict.html`. A page needs nothing of its own:

    outcome = save_merged(form, partial(section_change, section_id=row.pk))
    if outcome.row is not None: …  # saved
    return render(request, …, {"form": outcome.form, "conflicts": outcome.conflicts}, status=outcome.status)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django import forms

from pms.core.errors import DomainError, StaleVersion

SEEN = "seen_{}".format
Save = Callable[..., Any]


class Lines(forms.CharField):
    """Text of several lines, ended alike whatever browser sent it: a field nobody touched counts as untouched."""

    widget = forms.Textarea({"rows": 4})

    def to_python(self, value: Any) -> str:
        """Return the text with the line ends that are stored."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class _AnyChoices(forms.MultipleChoiceField):
    """Several values of which any may be gone by now."""

    widget = forms.MultipleHiddenInput

    def valid_value(self, value: str) -> bool:
        """Take every value: it was offered when the form was opened."""
        return True


class _AsCoerced(forms.CharField):
    """One value, read as the choice beside it reads its own; what it cannot read it takes for none."""

    def __init__(self, shown: forms.TypedChoiceField) -> None:
        super().__init__(required=False)
        self.shown = shown

    def clean(self, value: Any) -> Any:
        """Return the value in the type of the choice."""
        text = super().clean(value)
        try:
            return self.shown.coerce(text) if text else self.shown.empty_value
        except (TypeError, ValueError, forms.ValidationError):
            return self.shown.empty_value


class VersionedForm(forms.Form):
    """A form over one row. `shown` names the fields that the row and the form share."""

    shown: Sequence[str] = ()
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.complete()
        for name in self.shown:
            self.fields[SEEN(name)] = _hidden_copy(self.fields[name])

    def complete(self) -> None:
        """Add the fields that depend on the hotel or on the row; called before the hidden copies are made."""

    @classmethod
    def of(cls, row: Any, **options: Any) -> Self:
        """Return the form as it opens for `row`."""
        seen = {name: getattr(row, row._meta.get_field(name).attname) for name in cls.shown}
        return cls._over(seen, seen=seen, version=row.version, **options)

    @classmethod
    def _over(cls, values: Mapping[str, Any], *, seen: Mapping[str, Any], version: int, **options: Any) -> Self:
        hidden = {SEEN(name): value for name, value in seen.items()}
        return cls(initial={**values, **hidden, "version": version}, **options)

    def values(self) -> dict[str, Any]:
        """Return what was typed, by field."""
        return {name: self.cleaned_data[name] for name in self.shown}

    def originals(self) -> dict[str, Any]:
        """Return what the form showed when it was opened."""
        return {name: self.cleaned_data[SEEN(name)] for name in self.shown}

    def options(self) -> dict[str, Any]:
        """Return what the constructor was given beside the data, to make the form once more."""
        return {}

    def after_conflict(self, conflict: StaleVersion) -> Self:
        """Return the form with what this person changed over what the others saved: sending it again keeps "mine"."""
        seen = self.originals() | conflict.current
        before = self.originals()  # what is judged anew and never merged stands in no original, and stays as typed
        mine = {name: value for name, value in self.values().items() if name not in before or value != before[name]}
        return self._over({**seen, **mine}, seen=seen, version=conflict.version, **self.options())

    def differences(self, conflict: StaleVersion) -> list[dict[str, Any]]:
        """Return the fields in conflict: label, yours, theirs."""
        return [
            {"label": self.fields[name].label, "yours": self._words(name, yours), "theirs": self._words(name, theirs)}
            for name, (yours, theirs) in sorted(conflict.conflicts.items())
        ]

    def _words(self, name: str, value: Any) -> Any:
        choices = dict(getattr(self.fields[name], "choices", ()))
        if isinstance(value, list | tuple):
            return ", ".join(str(choices.get(one, one)) for one in value)
        return choices.get(value, choices.get(str(value), value))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form: the saved `row`, or the form to show again with its `conflicts` and the answer's status."""

    form: Any
    row: Any = None
    conflicts: Sequence[Mapping[str, Any]] = field(default=())
    status: int = 200


def save_merged(form: VersionedForm, save: Save) -> Outcome:
    """Call `save(values=…, originals=…, seen_version=…)` with what the form holds; a refusal stands at its field."""
    if not form.is_valid():
        return Outcome(form, status=422)
    seen = form.cleaned_data["version"]
    try:
        row = save(values=form.values(), originals=form.originals() if seen else None, seen_version=seen)
    except StaleVersion as conflict:
        return conflicted(form, conflict)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return Outcome(form, status=422)
    return Outcome(form, row=row)


def conflicted(form: VersionedForm, conflict: StaleVersion) -> Outcome:
    """Return the form to show again, with both values of each field that two people changed."""
    return Outcome(form.after_conflict(conflict), conflicts=form.differences(conflict), status=409)


def _hidden_copy(shown: forms.Field) -> forms.Field:
    """Return a field that reads what `shown` wrote, hidden and without its rules: a stored value is a fact."""
    hidden: forms.Field
    if isinstance(shown, forms.MultipleChoiceField):
        return _AnyChoices(required=False)
    if isinstance(shown, forms.TypedChoiceField):
        hidden = _AsCoerced(shown)
    elif isinstance(shown, forms.ChoiceField | forms.EmailField | forms.URLField):
        hidden = forms.CharField()
    else:
        hidden = copy.deepcopy(shown)
        hidden.validators = []
    hidden.widget = forms.HiddenInput()
    hidden.required = False
    return hidden
