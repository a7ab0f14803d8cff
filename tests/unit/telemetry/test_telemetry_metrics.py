"""Every metric is described once, with few labels and none that names a thing or a person."""

from prometheus_client import generate_latest

from sync.telemetry import metrics

PERSONAL_OR_MANY = {"sku", "order", "variant", "person", "email", "url", "tracking", "reason"}


def test_the_table_holds_every_metric_of_the_registry() -> None:
    families = {family.name: family for family in metrics.REGISTRY.collect()}
    suffix = {"counter": "_total", "info": "_info"}
    shown = {name + suffix.get(family.type, "") for name, family in families.items()}
    assert {each.name for each in metrics.METRICS} == shown
    assert all(each.name.startswith("entrepot_") for each in metrics.METRICS)


def test_every_metric_says_what_an_operator_reads_from_it() -> None:
    for each in metrics.METRICS:
        assert each.meaning.endswith(".")
        assert len(each.meaning.split()) >= 5, each.name


def test_no_label_can_have_a_value_for_each_item_or_person() -> None:
    used = {label for each in metrics.METRICS for label in each.labels}
    assert used <= metrics.LABELS
    assert not used & PERSONAL_OR_MANY


def test_a_gauge_shows_exactly_the_rows_of_the_last_look() -> None:
    metrics.replace(metrics.ISSUES_OPEN, {("unknown_sku",): 3, ("bad_address",): 1})
    metrics.replace(metrics.ISSUES_OPEN, {("unknown_sku",): 2})
    page = generate_latest(metrics.REGISTRY).decode()
    assert 'entrepot_issues_open{kind="unknown_sku"} 2.0' in page
    assert "bad_address" not in page
