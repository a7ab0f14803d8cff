"""Who may call, what the shop says of itself, and which documents it takes."""

from tests.peers.parity.sides import Shop, fresh
from tests.peers.parity.vendure.words import result


def login_and_tokens(shop: Shop) -> None:
    """Login answers a token in a header; without it reads are FORBIDDEN."""
    stranger = shop.session()
    shop.notes.answer("read without a token", stranger.post("{productVariants{totalItems}}"))
    login = "mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename ... on ErrorResult{errorCode message} ... on CurrentUser{id identifier channels{id token code permissions}}}}"
    shop.notes.answer("wrong password", stranger.post(login, {"u": shop.username, "p": "wrong"}))
    answer = stranger.post(login, {"u": shop.username, "p": shop.password})
    shop.notes.answer("login", answer)
    shop.notes.fact("login gives a token in a header", "vendure-auth-token" in answer.headers)
    shop.notes.answer("read with the token", stranger.post("{productVariants(options:{take:1}){totalItems}}"))
    stranger.close()
    forged = shop.session()
    forged.http.headers["authorization"] = "Bearer forged"
    shop.notes.answer("read with a forged token", forged.post("{productVariants{totalItems}}"))
    forged.close()


def api_key(shop: Shop) -> None:
    """createApiKey gives a key that the header vendure-api-key carries."""
    document = 'mutation($n:String!){createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:$n}]}){apiKey}}'
    answer = shop.staff.session.post(document, {"n": fresh("key")})
    shop.notes.answer("create a key", answer)
    holder = shop.session()
    holder.http.headers["vendure-api-key"] = result(answer)["apiKey"]
    shop.notes.answer("read with the key", holder.post("{productVariants(options:{take:1}){totalItems}}"))
    holder.http.headers["vendure-api-key"] = "forged"
    shop.notes.answer(
        "read with a forged key", holder.post("{productVariants(options:{take:1}){totalItems}}")
    )
    holder.close()


def the_shop_describes_itself(shop: Shop) -> None:
    """Precision, channel, locations, shipping methods."""
    ask, note = shop.staff.session.post, shop.notes
    precision = ask("{globalSettings{serverConfig{moneyStrategyPrecision}}}")
    note.answer("settings", precision)
    note.fact("precision", result(precision)["serverConfig"]["moneyStrategyPrecision"])
    channel = "{activeChannel{id code token currencyCode defaultCurrencyCode availableCurrencyCodes pricesIncludeTax defaultLanguageCode}}"
    note.answer("channel", ask(channel))
    note.answer(
        "locations", ask("{stockLocations{totalItems items{id name description createdAt updatedAt}}}")
    )
    note.answer("me", ask("{me{id identifier channels{code token permissions}}}"))
    note.answer("shipping methods", ask("{shippingMethods{totalItems items{id code name}}}"))


def bad_documents(shop: Shop) -> None:
    """Schema errors are HTTP 400."""
    ask, note = shop.staff.session.post, shop.notes
    note.answer("unknown field", ask("{productVariants{items{id colour}}}"))
    note.answer("unknown query", ask("{nothingLikeThis{id}}"))
    note.answer("syntax", ask("{productVariants{items{id}"))
    note.answer("unknown argument", ask("{productVariants(opt:{take:1}){totalItems}}"))
    note.answer("missing variable", ask("query($i:ID!){order(id:$i){id}}"))
    note.answer(
        "wrong variable type",
        ask(
            "query($o:ProductVariantListOptions){productVariants(options:$o){totalItems}}",
            {"o": {"take": "many"}},
        ),
    )
    note.answer(
        "unknown input field",
        ask(
            "query($o:ProductVariantListOptions){productVariants(options:$o){totalItems}}",
            {"o": {"nonsense": 1}},
        ),
    )
    note.answer("missing selection", ask("{productVariants}"))
    http = shop.staff.session.http
    note.status("not JSON", http.post("", content=b"{", headers={"content-type": "application/json"}))
    note.answer("no query", http.post("", json={"variables": {}}))
    note.status("by GET", http.get("", params={"query": "{me{id}}"}))


def documents_of_other_forms(shop: Shop) -> None:
    """Aliases, fragments, operation names, __typename, defaults, directives, two fields at once."""
    ask, note = shop.staff.session.post, shop.notes
    sku = shop.goods()
    note.answer("aliases", ask("{a:productVariants(options:{take:1}){n:totalItems} b:me{id __typename}}"))
    fragment = "fragment V on ProductVariant{id sku}"
    note.answer(
        "fragment",
        ask(
            f"query Find($s:String!){{productVariants(options:{{filter:{{sku:{{eq:$s}}}}}}){{items{{...V}}}}}} {fragment}",
            {"s": sku},
        ),
    )
    note.answer("default value", ask("query($n:Int=1){productVariants(options:{take:$n}){items{id}}}"))
    note.answer("directives", ask("query($y:Boolean!){me{id identifier @include(if:$y)}}", {"y": False}))
    body = {"query": "query A{me{id}} query B{activeChannel{id}}", "operationName": "B"}
    note.answer("operation name", shop.staff.session.http.post("", json=body))
    note.answer("typename", ask("{__typename}"))


def huge_bodies(shop: Shop) -> None:
    """A JSON body over about 100 KB is HTTP 500 with an empty message."""
    ask, note = shop.staff.session.post, shop.notes
    for size in (90_000, 110_000):
        note.answer(
            f"{size} bytes",
            ask(
                "query($s:String!){productVariants(options:{filter:{sku:{eq:$s}}}){totalItems}}",
                {"s": "x" * size},
            ),
        )


SCRIPTS = (
    login_and_tokens,
    api_key,
    the_shop_describes_itself,
    bad_documents,
    documents_of_other_forms,
    huge_bodies,
)
