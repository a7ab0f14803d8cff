"""The peer of `pull`: dlt's rest_api source, merged by id into the same kind of database.

`python peer_pull.py URL DESTINATION FORMAT`: the source, its paginator and its primary key as its documentation
shows them. DESTINATION is a database URL, FORMAT a loader file format or `default`. It runs in the peers'
environment.
"""

import sys

import dlt  # type: ignore[import-not-found]  # it is in the peers' environment
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]


def main(url: str, address: str, form: str) -> None:
    """One run of the pipeline; prints the rows of each table."""
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "page_param": "page",
                    "total_path": None,
                    "stop_after_empty_page": False,
                    "has_more_path": "more",
                },
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [{"name": "orders", "endpoint": {"path": "orders", "data_selector": "orders"}}],
        }
    )
    if address.startswith("sqlite"):
        destination = dlt.destinations.sqlalchemy(credentials=address)
    else:
        destination = dlt.destinations.postgres(credentials=address)
    pipeline = dlt.pipeline("bench_pull", destination=destination, dataset_name="pulled")
    pipeline.run(source, **({} if form == "default" else {"loader_file_format": form}))
    print(pipeline.last_trace.last_normalize_info.row_counts)


if __name__ == "__main__":
    main(*sys.argv[1:4])
