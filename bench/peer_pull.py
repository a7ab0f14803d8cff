"""The peer of `pull`: dlt's rest_api source, merged by id into the same kind of database.

`python peer_pull.py URL DESTINATION FORMAT`: the source, its paginator and its primary key as its documentation
shows them. DESTINATION is a database URL, FORMAT a loader file format or `default`. It runs in the peers'
environment. SQLite takes one writer at a time, and dlt's several loaders would lock one another out there at the full
size: it has one.
"""

import os
import sys
from urllib.parse import urlsplit

import dlt  # type: ignore[import-not-found]  # it is in the peers' environment
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]


def main(url: str, address: str, form: str) -> None:
    """One run of the pipeline; prints how many orders the database has then."""
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
        os.environ["LOAD__WORKERS"] = "1"
        destination = dlt.destinations.sqlalchemy(credentials=address)
    else:
        destination = dlt.destinations.postgres(credentials=_credentials(address))
    pipeline = dlt.pipeline("bench_pull", destination=destination, dataset_name="pulled")
    pipeline.run(source, **({} if form == "default" else {"loader_file_format": form}))
    with pipeline.sql_client() as client:
        rows = client.execute_sql(f"SELECT count(*) FROM {client.make_qualified_table_name('orders')}")
    print(f"orders: {rows[0][0]}")


def _credentials(address: str) -> str:
    """The URL with what dlt insists on: a password, though nobody asks, and a host, though the query names it."""
    url = urlsplit(address)
    who, _, where = url.netloc.rpartition("@")
    who = who if ":" in who else f"{who}:none"
    return url._replace(netloc=f"{who}@{where or 'localhost'}").geturl()


if __name__ == "__main__":
    main(*sys.argv[1:4])
