"""Everything that people read on the page and in the chat, side by side in each language.

Subjects, rules and reasons are the admins' and the daemon's own words; they stand as they are.
"""

from collections.abc import Mapping

from sync.domain.waiting import Language, Topic, Word

_EN = {
    "order": "Order", "return": "Return", "refund": "Refund", "purchase": "Purchase order", "guard": "Changes at",
    "write": "A write that perhaps happened:",
    "asks": "{name}, your decision is wanted",
    "rule": "Rule", "reason": "Why", "todo": "What to do", "value": "Value", "due": "Decide by", "since": "Since",
    "count": "Waiting", "stock": "Stock", "parked": "stays reserved meanwhile", "locked": "is not reserved",
    "at_deadline": "If nobody decides", "deadline_approved": "it is approved", "deadline_rejected": "it is rejected",
    "rows": "What it is about", "more": "and {count} more",
    "comment": "Comment (optional)", "comment_hint": "Names and addresses of buyers need not stand here.",
    "told": "What the buyer is told if you reject (optional)",
    "told_hint": "In the buyer's language. Left empty, the buyer reads that the request was not accepted.",
    "approve": "Approve", "reject": "Reject",
    "approve_order": "The order goes on.",
    "reject_order": "The order is not sent, and its stock is given back. Cancel it in the shop.",
    "approve_guard": "So many changes may go out: {count}.", "reject_guard": "They go on waiting. Mend their cause.",
    "approve_return": "The request is granted.", "reject_return": "The request is refused.",
    "approve_refund": "The money may move.", "reject_refund": "The money does not move.",
    "approve_question": "The case goes on in spite of it.", "reject_question": "It stays; nobody is asked again.",
    "approve_condition": "They are paid for.", "reject_condition": "They are not, and go back to the buyer.",
    "approve_purchase": "It may be ordered.", "reject_purchase": "It is not ordered.",
    "approve_write": "It happened, and is not sent again.", "reject_write": "It did not happen, and is sent again.",
    "done_approved": "Approved", "done_rejected": "Rejected",
    "thanks": "{subject}: your decision is stored. You can close this page.",
    "forged": "This link is not valid", "forged_why": "It is not one of ours, or was changed on its way. Open it "
    "just as it was sent to you.",
    "used": "This link was used", "used_why": "It decides once. {said}",
    "expired": "This link is too old", "expired_why": "It was valid until {until}. The decision may still be open: "
    "ask whoever runs Entrepot.",
    "over": "There is nothing to decide any more", "over_why": "{said}",
    "refused": "This is not yours to decide", "refused_why": "{said}",
    "changed": "It has changed meanwhile", "changed_why": "Nothing was decided. Open the link again and look at it.",
    "bad": "That form is not complete", "bad_why": "Nothing was decided. Open the link again.",
    "long": "The comment is too long", "long_why": "Nothing was decided. Write {most} characters at most.",
    "many": "Too many at once", "many_why": "Nothing was decided. Try again in a minute.",
    "failed": "That could not be stored", "failed_why": "Nothing was decided. Try again in a minute.",
    "said_approved": "It was approved by {who} on {at}.", "said_rejected": "It was rejected by {who} on {at}.",
    "said_gone": "What it waited for has come, or it is no longer wanted.",
    "message": "{topic} {subject} waits for your decision: {rule}. {reason}",
    "mail_subject": "{topic} {subject} waits for your decision",
    "message_due": "Decide by {due}.", "message_link": "Look and decide: {link}",
}  # fmt: skip
_ZH = {
    "order": "订单", "return": "退换货", "refund": "退款", "purchase": "采购单", "guard": "待放行的变更",
    "write": "可能已执行的操作",
    "asks": "{name}，请您决定",
    "rule": "规则", "reason": "原因", "todo": "处理办法", "value": "金额", "due": "截止时间", "since": "等待自",
    "count": "等待数量", "stock": "库存", "parked": "等待期间保留", "locked": "不保留",
    "at_deadline": "逾期未决定", "deadline_approved": "自动同意", "deadline_rejected": "自动拒绝",
    "rows": "相关内容", "more": "另有 {count} 项",
    "comment": "备注（可不填）", "comment_hint": "无需填写买家姓名或地址。",
    "told": "拒绝时告知买家的理由（可不填）", "told_hint": "请用买家的语言填写。不填则只告知申请未获接受。",
    "approve": "同意", "reject": "拒绝",
    "approve_order": "订单继续处理。",
    "reject_order": "订单不发货，库存释放。请在店铺后台取消。",
    "approve_guard": "放行 {count} 项变更。", "reject_guard": "继续等待，请改正原因。",
    "approve_return": "同意该申请。", "reject_return": "拒绝该申请。",
    "approve_refund": "可以退款。", "reject_refund": "不退款。",
    "approve_question": "继续处理。", "reject_question": "维持现状，不再询问。",
    "approve_condition": "予以退款。", "reject_condition": "不予退款，退回买家。",
    "approve_purchase": "可以下单。", "reject_purchase": "不下单。",
    "approve_write": "已经执行，不再重复发送。", "reject_write": "没有执行，重新发送。",
    "done_approved": "已同意", "done_rejected": "已拒绝",
    "thanks": "{subject}：您的决定已保存，可以关闭此页。",
    "forged": "链接无效", "forged_why": "此链接不是本系统发出，或在途中被改动。请按原样打开。",
    "used": "链接已使用", "used_why": "每个链接只能决定一次。{said}",
    "expired": "链接已过期", "expired_why": "有效期至 {until}。事项可能仍待决定，请联系 Entrepot 管理员。",
    "over": "已无需决定", "over_why": "{said}",
    "refused": "您无权决定此事项", "refused_why": "{said}",
    "changed": "内容已有变化", "changed_why": "尚未做出决定。请重新打开链接查看。",
    "bad": "表单不完整", "bad_why": "尚未做出决定。请重新打开链接。",
    "long": "备注过长", "long_why": "尚未做出决定。最多 {most} 个字符。",
    "many": "请求过多", "many_why": "尚未做出决定。请一分钟后再试。",
    "failed": "无法保存", "failed_why": "尚未做出决定。请一分钟后再试。",
    "said_approved": "{who} 已于 {at} 同意。", "said_rejected": "{who} 已于 {at} 拒绝。",
    "said_gone": "等待的条件已满足，或已不再需要。",
    "message": "{topic} {subject} 等待您的决定：{rule}。{reason}",
    "mail_subject": "{topic} {subject} 等待您的决定",
    "message_due": "截止时间：{due}。", "message_link": "查看并决定：{link}",
}  # fmt: skip
TEXTS: Mapping[Language, Mapping[str, str]] = {Language.EN: _EN, Language.ZH: _ZH}


def say(language: Language, name: str, /, **facts: object) -> str:
    """One text, filled in."""
    return TEXTS[language][name].format(**facts)


def topic_said(language: Language, topic: Topic) -> str:
    """What kind of thing it is."""
    return say(language, topic.value)


def deadline_said(language: Language, word: Word) -> str:
    """What happens at the deadline."""
    return say(language, f"deadline_{word.value}")
