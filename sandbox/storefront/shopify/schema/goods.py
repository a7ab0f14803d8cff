"""Products and their variants, pictures, options and publications, and the mutations that change them."""

TEXT = """
enum ProductStatus { ACTIVE ARCHIVED DRAFT UNLISTED }
enum ProductVariantInventoryPolicy { DENY CONTINUE }
enum ProductSortKeys {
  CREATED_AT ID INVENTORY_TOTAL PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE UPDATED_AT VENDOR
}
enum ProductVariantSortKeys {
  FULL_TITLE ID INVENTORY_LEVELS_AVAILABLE INVENTORY_MANAGEMENT INVENTORY_POLICY INVENTORY_QUANTITY NAME POPULAR
  POSITION RELEVANCE SKU TITLE
}
enum ProductMediaSortKeys { ID POSITION }
enum MediaContentType { VIDEO EXTERNAL_VIDEO MODEL_3D IMAGE }
enum MediaStatus { UPLOADED PROCESSING READY FAILED }
enum FileContentType { IMAGE FILE VIDEO EXTERNAL_VIDEO MODEL_3D }
enum ProductVariantsBulkCreateStrategy { DEFAULT REMOVE_STANDALONE_VARIANT PRESERVE_STANDALONE_VARIANT }
enum StagedUploadTargetGenerateUploadResource { FILE IMAGE }
enum StagedUploadHttpMethodType { POST PUT }

interface Publishable {
  availablePublicationsCount: Count
  publishedOnPublication(publicationId: ID!): Boolean!
  resourcePublicationsV2(onlyPublished: Boolean = true, %P): ResourcePublicationV2Connection!
}
interface Media {
  alt: String
  id: ID!
  mediaContentType: MediaContentType!
  preview: MediaPreviewImage
  status: MediaStatus!
}
enum MediaPreviewImageStatus { UPLOADED PROCESSING READY FAILED }
type MediaPreviewImage { image: Image status: MediaPreviewImageStatus! }
type Image { altText: String height: Int id: ID url: URL! width: Int }
type MediaImage implements Media & Node {
  alt: String
  createdAt: DateTime!
  id: ID!
  image: Image
  mediaContentType: MediaContentType!
  mimeType: String
  preview: MediaPreviewImage
  status: MediaStatus!
  updatedAt: DateTime!
}
interface Catalog implements Node { id: ID! publication: Publication status: CatalogStatus! title: String! }
type AppCatalog implements Catalog & Node {
  id: ID!
  publication: Publication
  status: CatalogStatus!
  title: String!
}
enum CatalogStatus { ACTIVE ARCHIVED DRAFT }
type Publication implements Node {
  autoPublish: Boolean!
  catalog: Catalog
  id: ID!
  name: String!
  supportsFuturePublishing: Boolean!
}
type ResourcePublicationV2 {
  isPublished: Boolean!
  publication: Publication!
  publishDate: DateTime
  publishable: Publishable!
}
type SEO { description: String title: String }
type ProductOption implements Node {
  id: ID!
  name: String!
  optionValues: [ProductOptionValue!]!
  position: Int!
  values: [String!]!
}
type ProductOptionValue implements Node { hasVariants: Boolean! id: ID! name: String! }
type SelectedOption { name: String! optionValue: ProductOptionValue! value: String! }

type Product implements LegacyInteroperability & Node & Publishable {
  availablePublicationsCount: Count
  createdAt: DateTime!
  defaultCursor: String!
  description(truncateAt: Int): String!
  descriptionHtml: HTML!
  featuredMedia: Media
  handle: String!
  hasOnlyDefaultVariant: Boolean!
  hasOutOfStockVariants: Boolean!
  id: ID!
  isGiftCard: Boolean!
  legacyResourceId: UnsignedInt64!
  media(%P, sortKey: ProductMediaSortKeys = POSITION, query: String): MediaConnection!
  mediaCount: Count
  onlineStoreUrl: URL
  options(first: Int): [ProductOption!]!
  productType: String!
  publishedAt: DateTime
  publishedOnPublication(publicationId: ID!): Boolean!
  resourcePublicationsV2(onlyPublished: Boolean = true, %P): ResourcePublicationV2Connection!
  seo: SEO!
  status: ProductStatus!
  tags: [String!]!
  title: String!
  totalInventory: Int!
  tracksInventory: Boolean!
  updatedAt: DateTime!
  variants(%P, sortKey: ProductVariantSortKeys = POSITION): ProductVariantConnection!
  variantsCount: Count
  vendor: String!
}
type ProductVariant implements LegacyInteroperability & Node {
  availableForSale: Boolean!
  barcode: String
  compareAtPrice: Money
  createdAt: DateTime!
  defaultCursor: String!
  displayName: String!
  id: ID!
  inventoryItem: InventoryItem!
  inventoryPolicy: ProductVariantInventoryPolicy!
  inventoryQuantity: Int
  legacyResourceId: UnsignedInt64!
  media(%P): MediaConnection!
  position: Int!
  price: Money!
  product: Product!
  selectedOptions: [SelectedOption!]!
  sellableOnlineQuantity: Int!
  sku: String
  taxable: Boolean!
  title: String!
  updatedAt: DateTime!
}

input CreateMediaInput { originalSource: String! alt: String mediaContentType: MediaContentType! }
input FileSetInput {
  filename: String
  contentType: FileContentType
  alt: String
  id: ID
  originalSource: String
}
input SEOInput { title: String description: String }
input OptionValueCreateInput { name: String }
input OptionCreateInput { name: String position: Int values: [OptionValueCreateInput!] }
input OptionValueSetInput { id: ID name: String }
input OptionSetInput { id: ID name: String position: Int values: [OptionValueSetInput!] }
input VariantOptionValueInput { id: ID name: String optionId: ID optionName: String }
input InventoryItemInput { sku: String cost: Decimal tracked: Boolean requiresShipping: Boolean }
input InventoryLevelInput { availableQuantity: Int! locationId: ID! }
input ProductSetInventoryInput { locationId: ID! name: String! quantity: Int! }
input ProductSetIdentifiers { id: ID handle: String }
input ProductCreateInput {
  descriptionHtml: String
  handle: String
  seo: SEOInput
  productType: String
  tags: [String!]
  title: String
  vendor: String
  productOptions: [OptionCreateInput!]
  status: ProductStatus
}
input ProductUpdateInput {
  descriptionHtml: String
  handle: String
  seo: SEOInput
  productType: String
  tags: [String!]
  title: String
  vendor: String
  id: ID
  status: ProductStatus
}
input ProductVariantSetInput {
  id: ID
  optionValues: [VariantOptionValueInput!]!
  price: Money
  sku: String
  barcode: String
  position: Int
  file: FileSetInput
  compareAtPrice: Money
  inventoryPolicy: ProductVariantInventoryPolicy
  inventoryQuantities: [ProductSetInventoryInput!]
  inventoryItem: InventoryItemInput
  taxable: Boolean
}
input ProductSetInput {
  descriptionHtml: String
  handle: String
  seo: SEOInput
  productType: String
  tags: [String!]
  title: String
  vendor: String
  status: ProductStatus
  files: [FileSetInput!]
  productOptions: [OptionSetInput!]
  variants: [ProductVariantSetInput!]
}
input ProductVariantsBulkInput {
  barcode: String
  compareAtPrice: Money
  id: ID
  inventoryPolicy: ProductVariantInventoryPolicy
  inventoryQuantities: [InventoryLevelInput!]
  inventoryItem: InventoryItemInput
  optionValues: [VariantOptionValueInput!]
  price: Money
  taxable: Boolean
}
input ProductDeleteInput { id: ID! }
input PublicationInput { publicationId: ID publishDate: DateTime }
input StagedUploadInput {
  resource: StagedUploadTargetGenerateUploadResource!
  filename: String!
  mimeType: String!
  httpMethod: StagedUploadHttpMethodType = PUT
  fileSize: UnsignedInt64
}

type ProductCreatePayload { product: Product shop: Shop! userErrors: [UserError!]! }
type ProductUpdatePayload { product: Product userErrors: [UserError!]! }
type ProductDeletePayload { deletedProductId: ID shop: Shop! userErrors: [UserError!]! }
enum ProductSetUserErrorCode {
  ID_NOT_ALLOWED MISSING_FIELD_REQUIRED NOT_FOUND INVALID_VARIANT PRODUCT_DOES_NOT_EXIST
  PRODUCT_VARIANT_DOES_NOT_EXIST PRODUCT_OPTIONS_INPUT_MISSING INVALID_PRODUCT INVALID_INPUT HANDLE_NOT_UNIQUE
}
type ProductSetUserError implements DisplayableError {
  code: ProductSetUserErrorCode
  field: [String!]
  message: String!
}
type ProductSetPayload { product: Product userErrors: [ProductSetUserError!]! }
enum ProductVariantsBulkUpdateUserErrorCode {
  INVALID_INPUT PRODUCT_DOES_NOT_EXIST PRODUCT_VARIANT_ID_MISSING PRODUCT_VARIANT_DOES_NOT_EXIST
  GREATER_THAN_OR_EQUAL_TO NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE INVALID_VALUE
}
type ProductVariantsBulkUpdateUserError implements DisplayableError {
  code: ProductVariantsBulkUpdateUserErrorCode
  field: [String!]
  message: String!
}
type ProductVariantsBulkUpdatePayload {
  product: Product
  productVariants: [ProductVariant!]
  userErrors: [ProductVariantsBulkUpdateUserError!]!
}
enum ProductVariantsBulkCreateUserErrorCode {
  INVALID_INPUT PRODUCT_DOES_NOT_EXIST NO_KEY_ON_CREATE VARIANT_ALREADY_EXISTS GREATER_THAN_OR_EQUAL_TO
  NEED_TO_ADD_OPTION_VALUES TRACKED_VARIANT_LOCATION_NOT_FOUND INVALID
}
type ProductVariantsBulkCreateUserError implements DisplayableError {
  code: ProductVariantsBulkCreateUserErrorCode
  field: [String!]
  message: String!
}
type ProductVariantsBulkCreatePayload {
  product: Product
  productVariants: [ProductVariant!]
  userErrors: [ProductVariantsBulkCreateUserError!]!
}
type PublishablePublishPayload { publishable: Publishable shop: Shop! userErrors: [UserError!]! }
type PublishableUnpublishPayload { publishable: Publishable shop: Shop! userErrors: [UserError!]! }
type StagedUploadParameter { name: String! value: String! }
type StagedMediaUploadTarget { parameters: [StagedUploadParameter!]! resourceUrl: URL url: URL }
type StagedUploadsCreatePayload { stagedTargets: [StagedMediaUploadTarget!] userErrors: [UserError!]! }

type QueryRoot {
  product(id: ID!): Product
  products(%P, sortKey: ProductSortKeys = ID, query: String): ProductConnection!
  productsCount(query: String, limit: Int = 10000): Count
  productVariant(id: ID!): ProductVariant
  productVariants(%P, sortKey: ProductVariantSortKeys = ID, query: String): ProductVariantConnection!
  productVariantsCount(query: String, limit: Int = 10000): Count
  publications(%P): PublicationConnection!
}
type Mutation {
  productCreate(product: ProductCreateInput, media: [CreateMediaInput!]): ProductCreatePayload
  productUpdate(product: ProductUpdateInput, media: [CreateMediaInput!]): ProductUpdatePayload
  productSet(
    input: ProductSetInput!, synchronous: Boolean = true, identifier: ProductSetIdentifiers
  ): ProductSetPayload
  productDelete(input: ProductDeleteInput!, synchronous: Boolean = true): ProductDeletePayload
  productVariantsBulkCreate(
    variants: [ProductVariantsBulkInput!]!, productId: ID!,
    strategy: ProductVariantsBulkCreateStrategy = DEFAULT
  ): ProductVariantsBulkCreatePayload
  productVariantsBulkUpdate(
    variants: [ProductVariantsBulkInput!]!, productId: ID!, allowPartialUpdates: Boolean = false
  ): ProductVariantsBulkUpdatePayload
  publishablePublish(id: ID!, input: [PublicationInput!]!): PublishablePublishPayload
  publishableUnpublish(id: ID!, input: [PublicationInput!]!): PublishableUnpublishPayload
  stagedUploadsCreate(input: [StagedUploadInput!]!): StagedUploadsCreatePayload
}
"""
