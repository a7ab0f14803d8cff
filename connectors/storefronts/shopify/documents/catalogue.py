"""What is asked of shop, products and stock, and how they are written."""

from connectors.storefronts.shopify.documents.document import Document
from connectors.transport import Safety

_PAGE = "pageInfo { hasNextPage endCursor }"
_QUANTITIES = 'quantities(names: ["available", "committed"]) { name quantity }'
_PRODUCT = """
fragment ProductFields on Product {
  id title descriptionHtml status updatedAt hasOnlyDefaultVariant
  publishedOnPublication(publicationId: $publication) @include(if: $byPublication)
  media(first: 10) { nodes { preview { image { url } } } }
}
"""
_VARIANT = f"""
fragment VariantFields on ProductVariant {{
  id sku title barcode price compareAtPrice inventoryPolicy updatedAt
  inventoryItem {{ id tracked inventoryLevel(locationId: $location) {{ isActive {_QUANTITIES} }} }}
}}
"""

_LOCATIONS = f"locations(first: $first, after: $after) {{ nodes {{ id name isActive createdAt }} {_PAGE} }}"
SHOP = Document(
    "shop",
    f"""query Shop($first: Int!, $after: String) {{
  shop {{ id name myshopifyDomain currencyCode taxesIncluded }}
  {_LOCATIONS}
}}""",
    cost=30,
)
LOCATIONS = Document(
    "locations",
    f"""query Locations($first: Int!, $after: String) {{
  {_LOCATIONS}
}}""",
    cost=30,
)
PUBLICATIONS = Document(
    "publications",
    f"""query Publications($first: Int!, $after: String) {{
  publications(first: $first, after: $after) {{ nodes {{ id catalog {{ title }} }} {_PAGE} }}
}}""",
    cost=30,
)
VARIANTS = Document(
    "variants",
    f"""query Variants(
  $first: Int!, $query: String, $count: Boolean!, $location: ID!, $publication: ID!, $byPublication: Boolean!
) {{
  productVariantsCount(limit: null) @include(if: $count) {{ count }}
  productVariants(first: $first, query: $query, sortKey: ID) {{
    nodes {{ ...VariantFields product {{ ...ProductFields }} }}
    {_PAGE}
  }}
}}
{_VARIANT}{_PRODUCT}""",
    cost=150,
)
PRODUCTS = Document(
    "products",
    f"""query Products(
  $first: Int!, $inner: Int!, $query: String, $location: ID!, $publication: ID!, $byPublication: Boolean!
) {{
  products(first: $first, query: $query, sortKey: ID) {{
    nodes {{ ...ProductFields variants(first: $inner) {{ nodes {{ ...VariantFields }} {_PAGE} }} }}
    {_PAGE}
  }}
}}
{_VARIANT}{_PRODUCT}""",
    cost=400,
)
PRODUCT_VARIANTS = Document(
    "products.variants",
    f"""query ProductVariants($id: ID!, $first: Int!, $after: String, $location: ID!) {{
  product(id: $id) {{ variants(first: $first, after: $after) {{ nodes {{ ...VariantFields }} {_PAGE} }} }}
}}
{_VARIANT}""",
    cost=100,
)
STOCK = Document(
    "stock",
    f"""query Stock($ids: [ID!]!, $location: ID!) {{
  nodes(ids: $ids) {{
    ... on ProductVariant {{
      id
      inventoryItem {{ id tracked inventoryLevel(locationId: $location) {{ isActive {_QUANTITIES} }} }}
    }}
  }}
}}""",
    cost=120,
)
OWNERS = Document(
    "owners",
    """query Owners($ids: [ID!]!, $publication: ID!, $byPublication: Boolean!) {
  nodes(ids: $ids) {
    ... on ProductVariant { id product { ...OwnerFields } }
    ... on Product { ...OwnerFields }
  }
}
fragment OwnerFields on Product {
  id status hasOnlyDefaultVariant variantsCount { count }
  publishedOnPublication(publicationId: $publication) @include(if: $byPublication)
}""",
    cost=120,
)
SET_STOCK = Document(
    "set_stock",
    """mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id
      changes(quantityNames: ["available"]) { name delta quantityAfterChange item { id } location { id } }
    }
    userErrors { field code }
  }
}""",
    Safety.ABSOLUTE,
    cost=40,
)
ACTIVATE = Document(
    "activate_stock",
    """mutation ActivateStock($item: ID!, $location: ID!, $available: Int!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $location, available: $available)
    @idempotent(key: $key) {
    inventoryLevel { id quantities(names: ["available"]) { name quantity } }
    userErrors { field message }
  }
}""",
    Safety.ABSOLUTE,
    cost=20,
)
SET_PRICES = Document(
    "set_prices",
    """mutation SetPrices($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: true) {
    productVariants { id price compareAtPrice }
    userErrors { field code }
  }
}""",
    Safety.ABSOLUTE,
    cost=40,
)
SET_STATUS = Document(
    "set_status",
    """mutation SetStatus($product: ProductUpdateInput!) {
  productUpdate(product: $product) { product { id status } userErrors { field message } }
}""",
    Safety.ABSOLUTE,
)
PUBLISH = Document(
    "publish",
    """mutation Publish($id: ID!, $input: [PublicationInput!]!) {
  publishablePublish(id: $id, input: $input) { userErrors { field message } }
}""",
    Safety.ABSOLUTE,
)
UNPUBLISH = Document(
    "unpublish",
    """mutation Unpublish($id: ID!, $input: [PublicationInput!]!) {
  publishableUnpublish(id: $id, input: $input) { userErrors { field message } }
}""",
    Safety.ABSOLUTE,
)
FIND_SKU = Document(
    "find_sku",
    """query FindSku($query: String!) {
  productVariants(first: 20, query: $query) { nodes { id sku product { id handle } } }
}""",
    cost=30,
)
LISTED = Document(
    "listed",
    """query Listed($id: ID!) {
  product(id: $id) {
    id
    variants(first: 2) { nodes { id } }
    media(first: 250) { nodes { id status preview { image { url } } } }
  }
}""",
    cost=60,
)
PUT_PRODUCT = Document(
    "put_product",
    """mutation PutProduct($identifier: ProductSetIdentifiers!, $input: ProductSetInput!) {
  productSet(identifier: $identifier, input: $input, synchronous: true) {
    product { id variants(first: 2) { nodes { id } } }
    userErrors { field code }
  }
}""",
    Safety.ABSOLUTE,
    cost=40,
)
STAGE = Document(
    "stage_pictures",
    """mutation StagePictures($input: [StagedUploadInput!]!) {
  stagedUploadsCreate(input: $input) {
    stagedTargets { url resourceUrl parameters { name value } }
    userErrors { field message }
  }
}""",
    Safety.ABSOLUTE,
    cost=30,
)

CATALOGUE = (
    SHOP, LOCATIONS, PUBLICATIONS, VARIANTS, PRODUCTS, PRODUCT_VARIANTS, STOCK, OWNERS, SET_STOCK,
    ACTIVATE, SET_PRICES, SET_STATUS, PUBLISH, UNPUBLISH, FIND_SKU, LISTED, PUT_PRODUCT, STAGE,
)  # fmt: skip
