"""What every form of these pages shares."""

from django import forms


class MarkedForm(forms.Form):
    """A form that can show what an action or a check found."""

    def mark(self, problems: dict[str, list[str]]) -> None:
        """Show sentences that an action or a check found, each at its field."""
        if not self.is_bound:
            self.cleaned_data = {}
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
