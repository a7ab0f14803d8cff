"""Every GraphQL document that is sent to the Admin API, and nothing else.

Lists are sorted by one key only: the server applies sort keys in the order of its schema, not of the
request, so a second key would not be a tie-breaker. Answers of writes name little, so that a read which
fails inside them cannot hide that the write was done.
"""

from dataclasses import dataclass

from connectors.transport import Safety


@dataclass(frozen=True, slots=True)
class Document:
    """One operation: its name in metrics and messages, its text, and what a repeat would do."""

    operation: str
    text: str
    safety: Safety = Safety.READ


_SETTINGS = "globalSettings { trackInventory outOfStockThreshold serverConfig { moneyStrategyPrecision } }"
_ERROR = "__typename ... on ErrorResult { errorCode }"
_STOCK = """
id trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
stockLevels { stockLocationId stockOnHand stockAllocated }
"""
_ORDER = """
id code state active orderPlacedAt createdAt updatedAt currencyCode totalWithTax couponCodes
customer { firstName lastName emailAddress phoneNumber }
shippingAddress {
  fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber
}
lines {
  id quantity orderPlacedQuantity unitPriceWithTax proratedLinePriceWithTax productVariant { id sku name }
}
shippingLines { discountedPriceWithTax shippingMethod { code } }
surcharges { priceWithTax }
payments {
  id method amount state transactionId refunds { id total state reason createdAt }
}
fulfillments { id state method trackingCode lines { orderLineId quantity } }
"""
_VARIANT = (
    _STOCK
    + """
sku name enabled updatedAt currencyCode price prices { currencyCode price }
assets { source } product { id name description enabled assets { source } }
"""
)

LOGIN = Document(
    "login",
    "mutation ($username: String!, $password: String!) {"
    f" login(username: $username, password: $password) {{ {_ERROR} }} }}",
)
SHOP = Document(
    "shop",
    "{ activeChannel { id token createdAt defaultCurrencyCode defaultLanguageCode pricesIncludeTax }"
    " stockLocations { items { id name createdAt } } }",
)
SETTINGS = Document("settings", f"{{ {_SETTINGS} }}")

ORDERS = Document(
    "orders.page",
    "query ($options: OrderListOptions) {"
    f" {_SETTINGS} orders(options: $options) {{ items {{ {_ORDER} }} }} }}",
)
ORDER_IDS = Document(
    "orders.ids",
    "query ($options: OrderListOptions) { orders(options: $options) { items { id orderPlacedAt } } }",
)
ORDER = Document("orders.one", f"query ($id: ID!) {{ {_SETTINGS} order(id: $id) {{ {_ORDER} }} }}")
ORDER_STOCK = Document(
    "orders.stock",
    "query ($id: ID!) { order(id: $id) { lines { id productVariant {"
    " id stockLevels { stockLocationId stockOnHand stockAllocated } } } } }",
)
NOTES = Document(
    "orders.notes",
    "query ($id: ID!, $options: HistoryEntryListOptions) {"
    " order(id: $id) { history(options: $options) { totalItems items { id type data } } } }",
)

VARIANTS = Document(
    "products.page",
    "query ($options: ProductVariantListOptions) {"
    f" {_SETTINGS} productVariants(options: $options) {{ items {{ {_VARIANT} }} }} }}",
)
PRODUCTS = Document(
    "products.changed",
    "query ($options: ProductListOptions) {"
    f" {_SETTINGS} products(options: $options) {{ items {{ id variants {{ {_VARIANT} }} }} }} }}",
)
STOCK = Document(
    "stock.read",
    "query ($options: ProductVariantListOptions) {"
    f" {_SETTINGS} productVariants(options: $options) {{ items {{ {_STOCK} }} }} }}",
)
SET_STOCK = Document(
    "stock.write",
    "mutation ($input: [UpdateProductVariantInput!]!) {"
    f" updateProductVariants(input: $input) {{ {_STOCK} }} }}",
    Safety.ABSOLUTE,
)
SET_PRICES = Document(
    "prices.write",
    "mutation ($input: [UpdateProductVariantInput!]!) {"
    " updateProductVariants(input: $input) { id prices { currencyCode price } } }",
    Safety.ABSOLUTE,
)
SET_VARIANTS = Document(
    "variants.write",
    "mutation ($input: [UpdateProductVariantInput!]!) {"
    " updateProductVariants(input: $input) { id enabled product { id enabled } } }",
    Safety.ABSOLUTE,
)
SET_PRODUCTS = Document(
    "products.write",
    "mutation ($input: [UpdateProductInput!]!) { updateProducts(input: $input) { id enabled } }",
    Safety.ABSOLUTE,
)

_LISTED = """
id slug name description assets { id name }
optionGroups { id code options { id code } }
variants { id sku name options { code name group { code } } assets { id name } }
"""
LISTED_PRODUCT = Document(
    "listings.product", f"query ($id: ID, $slug: String) {{ product(id: $id, slug: $slug) {{ {_LISTED} }} }}"
)
LISTED_VARIANTS = Document(
    "listings.variants",
    "query ($options: ProductVariantListOptions) {"
    f" {_SETTINGS} productVariants(options: $options) {{ items {{ id product {{ {_LISTED} }} }} }} }}",
)
CREATE_PRODUCT = Document(
    "listings.create_product",
    f"mutation ($input: CreateProductInput!) {{ createProduct(input: $input) {{ {_LISTED} }} }}",
    Safety.CREATING,
)
CREATE_OPTION_GROUP = Document(
    "listings.create_options",
    "mutation ($input: CreateProductOptionGroupInput!) {"
    " createProductOptionGroup(input: $input) { id code options { id code } } }",
    Safety.CREATING,
)
ADD_OPTION_GROUP = Document(
    "listings.add_options",
    "mutation ($product: ID!, $group: ID!) {"
    " addOptionGroupToProduct(productId: $product, optionGroupId: $group) { id } }",
    Safety.ABSOLUTE,
)
CREATE_VARIANTS = Document(
    "listings.create_variant",
    "mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }",
    Safety.CREATING,
)
CREATE_ASSETS = Document(
    "listings.upload",
    f"mutation ($input: [CreateAssetInput!]!) {{ createAssets(input: $input) {{ {_ERROR}"
    " ... on Asset { id name } } }",
    Safety.CREATING,
)

FULFIL = Document(
    "shipments.create",
    "mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) {"
    f" {_ERROR} ... on Fulfillment {{ id state }} }} }}",
    Safety.CREATING,
)
MOVE_FULFILMENT = Document(
    "shipments.move",
    "mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) {"
    f" {_ERROR} ... on Fulfillment {{ id state }} }} }}",
    Safety.CREATING,
)
CANCEL = Document(
    "orders.cancel",
    "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) {"
    f" {_ERROR} ... on Order {{ id state }} }} }}",
    Safety.CREATING,
)
REFUND = Document(
    "refunds.create",
    "mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {"
    f" {_ERROR} ... on Refund {{ id state total }} ... on RefundAmountError {{ maximumRefundable }} }} }}",
    Safety.CREATING,
)
SETTLE_REFUND = Document(
    "refunds.settle",
    "mutation ($input: SettleRefundInput!) { settleRefund(input: $input) {"
    f" {_ERROR} ... on Refund {{ id state total }} }} }}",
    Safety.CREATING,
)
ADD_NOTE = Document(
    "orders.note",
    "mutation ($input: AddNoteToOrderInput!) { addNoteToOrder(input: $input) { id } }",
    Safety.CREATING,
)
