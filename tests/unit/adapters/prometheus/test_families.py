"""The text that a collector reads: judged by the parser of Prometheus's own Python library."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from identity_service.adapters.prometheus.families import Family, Whole, counter, gauge, text, total


def read(*families: Family) -> dict[str, float]:
    """Every sample as the collector sees it."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text(families).decode())
        for sample in family.samples
    }


def one(family: Family, value: float, **labels: str) -> Family:
    family.add(value, **labels)
    return family


def test_a_family_is_told_with_its_kind_help_and_samples() -> None:
    family = one(counter("answers_total", "Answers,\nby \\ route."), 3, route="/users", status="200")
    assert text([family]) == (
        b"# HELP answers_total Answers,\\nby \\\\ route.\n# TYPE answers_total counter\n"
        b'answers_total{route="/users",status="200"} 3\n'
    )


def test_a_family_without_values_is_left_out() -> None:
    assert text([gauge("empty", "Nothing.")]) == b""


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", 'a="b",c="d"} 7'])
def test_attack_25_no_text_breaks_out_of_its_label(value: str) -> None:
    family = one(gauge("sample", "One."), 1, label=value)
    assert read(family) == {f"sample{[('label', value)]}": 1.0}


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "0"), (10.0, "10"), (0.1, "0.1"), (1e-7, "1e-07"), (2.0**60, str(2**60))]
)
def test_numbers_are_written_so_that_nothing_is_lost(value: float, written: str) -> None:
    family = one(gauge("sample", "One."), value)
    assert text([family]).split()[-1].decode() == written
    assert read(family) == {"sample[]": value}


def test_a_histogram_is_read_as_one() -> None:
    family = Family("duration_seconds", "histogram", "Time.")
    for bound, number in (("0.1", 1), ("+Inf", 3)):
        family.add(number, suffix="_bucket", le=bound)
    family.add(4.5, suffix="_sum")
    family.add(3, suffix="_count")
    (found,) = text_string_to_metric_families(text([family]).decode())
    assert (found.name, found.type) == ("duration_seconds", "histogram")
    assert [sample.value for sample in found.samples] == [1, 3, 4.5, 3]


@pytest.mark.parametrize(("whole", "value"), [("sum", 5.0), ("max", 4.0), ("min", 1.0)])
def test_several_processes_are_one_as_their_family_says(whole: Whole, value: float) -> None:
    ages = ([one(gauge("age", "Age.", whole=whole), age)] for age in (1, 4))
    together = total(ages)
    assert read(*together) == {"age[]": value}


def test_a_sample_that_only_one_process_has_is_kept() -> None:
    first, second = (one(counter("answers_total", "Answers."), 2, route=route) for route in ("/a", "/b"))
    together = total([[first], [second, one(gauge("age", "Age."), 7)]])
    assert read(*together) == {
        "answers_total[('route', '/a')]": 2.0,
        "answers_total[('route', '/b')]": 2.0,
        "age[]": 7.0,
    }


def test_what_was_added_up_is_not_changed_by_it() -> None:
    family = one(counter("answers_total", "Answers."), 2)
    total([[family], [family]])
    assert family.samples == {"answers_total": 2}
