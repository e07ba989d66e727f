"""What officials type: ROC dates in three boxes."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from config.kit.forms import RocDateField


def test_a_day_in_three_boxes():
    assert RocDateField().clean(["110", "2", "28"]) == date(2021, 2, 28)
    assert RocDateField().clean(["１１０", "０２", "２８"]) == date(2021, 2, 28)
    assert RocDateField(required=False).clean(["", "", ""]) is None


@pytest.mark.parametrize(
    "boxes",
    [
        ["110", "2", "30"],
        ["110", "13", "1"],
        ["0", "1", "1"],
        ["-5", "1", "1"],
        ["2021", "1", "1"],  # a Gregorian year by mistake
        ["9" * 30, "1", "1"],
        ["110", "2", ""],
        ["一一〇", "2", "3"],
    ],
)
def test_what_is_no_day_is_refused(boxes):
    with pytest.raises(ValidationError):
        RocDateField().clean(boxes)
