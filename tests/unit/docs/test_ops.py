"""The files of ops/ name only what the program has, and no metric is left without an alert or a panel."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from doc_pages import DOCS, ROOT, read

from sync.telemetry.metrics import LABELS, METRICS

OPS = ROOT / "ops"
NAME = re.compile(r"\bentrepot_[a-z_]+\b")
SELECTOR = re.compile(r"\{([^{}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
BY = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
WATCHED = ("prometheus-rules.yaml", "grafana-dashboard.json")


def _exposed() -> dict[str, str]:
    """Every name on the metrics page that can be asked for, with the metric that it belongs to."""
    names: dict[str, str] = {}
    for metric in METRICS:
        suffixes = ("_bucket", "_count", "_sum") if metric.type == "histogram" else ("",)
        names |= {metric.name + suffix: metric.name for suffix in suffixes}
    return names


def _rules() -> list[dict[str, Any]]:
    document = yaml.safe_load(read(OPS / "prometheus-rules.yaml"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def _panels() -> list[dict[str, Any]]:
    document = json.loads(read(OPS / "grafana-dashboard.json"))
    return [panel for panel in document["panels"] if panel["type"] != "row"]


def _expressions() -> list[str]:
    asked = [target["expr"] for panel in _panels() for target in panel["targets"]]
    return [rule["expr"] for rule in _rules()] + asked


def test_every_metric_that_ops_names_exists() -> None:
    exposed = _exposed()
    for file in WATCHED:
        unknown = set(NAME.findall(read(OPS / file))) - set(exposed)
        assert unknown == set(), file


def test_every_metric_has_an_alert_or_a_panel() -> None:
    exposed = _exposed()
    used = {exposed[name] for text in _expressions() for name in NAME.findall(text)}
    assert {metric.name for metric in METRICS} - used == set()


def test_every_label_that_ops_names_exists() -> None:
    allowed = LABELS | {"le", "job"}
    for text in _expressions():
        matched = {label for found in SELECTOR.findall(text) for label in MATCHER.findall(found)}
        grouped = {label.strip() for found in BY.findall(text) for label in found.split(",")}
        assert matched | grouped <= allowed, text


def test_a_metric_is_only_asked_for_by_labels_that_it_has() -> None:
    labels = {metric.name: set(metric.labels) for metric in METRICS}
    exposed = _exposed()
    for text in _expressions():
        for name, selector in re.findall(r"\b(entrepot_[a-z_]+)\{([^{}]*)\}", text):
            assert set(MATCHER.findall(selector)) <= labels[exposed[name]], text


def test_every_alert_says_what_is_and_what_to_do_and_is_explained() -> None:
    rules = _rules()
    for rule in rules:
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
    explained = re.findall(r"^\| `(Entrepot\w+)`", read(DOCS / "how-to" / "watch-it.md"), re.MULTILINE)
    assert explained == [rule["alert"] for rule in rules]


def test_panels_do_not_lie_over_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    identities = [panel["id"] for panel in _panels()]
    assert len(identities) == len(set(identities))


def test_the_image_is_made_of_files_that_are_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read(OPS / "Containerfile"), re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    only = re.search(r"only-include = \[([^\]]+)\]", read(ROOT / "pyproject.toml"))
    assert only is not None
    packed = set(re.findall(r'"([^"]+)"', only[1]))
    assert packed <= set(sources), "the wheel holds more than the image copies"


def test_the_unit_starts_the_daemon_and_does_not_start_what_must_be_mended() -> None:
    settings: dict[str, str] = {}
    for line in read(OPS / "entrepot.service").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings[name] = value
    assert Path(settings["ExecStart"].split()[0]).name == "entrepot"
    assert settings["ExecStart"].split()[1:] == ["run"]
    assert settings["RestartPreventExitStatus"] == "2"
    assert int(settings["TimeoutStopSec"]) > 30
