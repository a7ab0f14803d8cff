"""Takes an order's units out of the stock, and puts them back: there is one figure, and it may fall below zero.

Each line remembers how many units it took. What it took once is never taken twice, however its order moves.
"""

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.posts import Post
from sandbox.storefront.woocommerce.purchases import HOLDING, Item, Purchase


def hold(shop: WooShop, purchase: Purchase) -> None:
    """Take all of an order's units out of the stock, unless it has done so; nothing is ever refused."""
    if purchase.holding:
        return
    purchase.holding = True
    moved = [text for line in purchase.lines if (text := _take(shop, line, line.quantity))]
    if moved:
        shop.write_note(purchase, f"Stock levels reduced: {', '.join(moved)}")


def release(shop: WooShop, purchase: Purchase) -> None:
    """Put back what an order still holds."""
    if not purchase.holding:
        return
    purchase.holding = False
    moved = []
    for line in purchase.lines:
        if line.reduced and (text := _take(shop, line, -line.reduced)):
            moved.append(text)
        line.reduced = None
    if moved:
        shop.write_note(purchase, f"Stock levels increased: {', '.join(moved)}")


def adjust(shop: WooShop, purchase: Purchase, line: Item, quantity: int) -> None:
    """Let a line of an order that holds its units hold so many; 0 for one that is taken out.

    The older generation leaves the stock alone, however an order is edited.
    """
    if shop.rules.new and purchase.status in HOLDING and purchase.holding:
        _take(shop, line, quantity - (line.reduced or 0))


def give_back(shop: WooShop, line: Item, units: int) -> bool:
    """Restock refunded units, even more than were bought; a line that took nothing gives nothing."""
    if not line.reduced or not units or line.post is None or line.post.holder is None:
        return False
    _take(shop, line, -units)
    line.restocked += units
    return True


def _take(shop: WooShop, line: Item, units: int) -> str:
    """Move the stock behind a line; what it was and became, "" where nothing is counted."""
    holder = line.post.holder if line.post is not None and not line.post.gone else None
    if holder is None or not units:
        return ""
    before = shown(holder)
    holder.variant.allocated += units
    line.reduced = (line.reduced or 0) + units
    if line.mirror is not None and units < 0:
        line.mirror.releases -= units
    shop.stock_moved(holder)
    figures = f"{before}&rarr;{shown(holder)}"
    return f"{line.name} ({figures})" if shop.rules.new else f"{line.name} ({holder.sku}) {figures}"


def shown(post: Post) -> int:
    """The stock counted at a post."""
    return post.variant.on_hand - post.variant.allocated
