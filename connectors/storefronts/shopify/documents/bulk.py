"""Bulk operations: the query that Shopify runs on its own side, and how its course is watched.

A bulk query takes no variables, so the location (and publication) are written into it; only ids that have an
id's form get there. It names products as its root, so that a product's fields come once and its variants as
rows of their own.
"""

from connectors.storefronts.shopify.documents.document import Document
from connectors.transport import Safety

_OPERATION = "id status errorCode createdAt url partialDataUrl query"

RUN = Document(
    "bulk.run",
    f"""mutation RunBulk($query: String!) {{
  bulkOperationRunQuery(query: $query, groupObjects: true) {{
    bulkOperation {{ {_OPERATION} }}
    userErrors {{ field code }}
  }}
}}""",
    Safety.CREATING,
)
OPERATION = Document(
    "bulk.operation",
    f"""query BulkOperationById($id: ID!) {{
  bulkOperation(id: $id) {{ {_OPERATION} }}
}}""",
    cost=5,
)
RUNNING = Document(
    "bulk.running",
    f"""query RunningBulkOperations($query: String!) {{
  bulkOperations(first: 10, query: $query, sortKey: CREATED_AT, reverse: true) {{
    nodes {{ {_OPERATION} }}
  }}
}}""",
    cost=20,
)
_LOCATION = "@location@"
_PUBLISHED = "@published@"
_CATALOGUE = """{
  products {
    edges {
      node {
        id title descriptionHtml status updatedAt hasOnlyDefaultVariant @published@
        media { edges { node { id preview { image { url } } } } }
        variants {
          edges {
            node {
              id sku title barcode price compareAtPrice inventoryPolicy updatedAt
              inventoryItem {
                id tracked
                inventoryLevel(locationId: "@location@") {
                  isActive quantities(names: ["available", "committed"]) { name quantity }
                }
              }
            }
          }
        }
      }
    }
  }
}"""


def catalogue_query(location: str, publication: str | None) -> str:
    """The bulk query of all products with their variants, for ids of Shopify's form."""
    published = f'publishedOnPublication(publicationId: "{publication}")' if publication else ""
    return _CATALOGUE.replace(_LOCATION, location).replace(_PUBLISHED, published)


BULK = (RUN, OPERATION, RUNNING)
