"""A storefront that speaks the Admin and Shop GraphQL dialect of Vendure 3.7.3."""
