"""Every metric."""

from pages import NOTE
from pages.markdown import code, table
from sync.telemetry.metrics import METRICS


def metrics() -> str:
    """Every metric."""
    rows = ((code(one.name), one.type, ", ".join(map(code, one.labels)), one.meaning) for one in METRICS)
    return (
        f"# Metrics\n{NOTE}\n`/metrics` on the address of `metrics: {{listen: …}}`. No label ever holds a SKU, an "
        "order or a person. Alerts for them are in `ops/prometheus-rules.yaml`, panels in "
        "`ops/grafana-dashboard.json`.\n\n" + table(("name", "type", "labels", "meaning"), rows)
    )
