import pytest

from rnnlm_cli.commands.shared.figures import figure


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (119.141, ",.2f", "119.14"),
        (23540.63, ",.2f", "23,540.63"),
        (999_999.99, ",.2f", "999,999.99"),
        (999_999.999, ",.2f", "1.00e+06"),  # rounded it has seven digits
        (1e6, ".2f", "1.00e+06"),
        (9.05126169e149, ",.2f", "9.05e+149"),
        (-9.05126169e149, "+.4f", "-9.05e+149"),
        (9.05126169e149, "+.4f", "+9.05e+149"),
        (0.25, "+.4f", "+0.2500"),
        (float("inf"), ",.2f", "inf"),
        (float("nan"), ",.2f", "nan"),
    ],
)
def test_a_large_figure_is_short(value, form, shown):
    assert figure(value, form) == shown
