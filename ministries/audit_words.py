"""What the audit log's verbs mean, for whoever reads it: `report.submit` → 年度報告：送出.

The log keeps the dotted verb for good; the words stand here, of all rooms in one place, since the
log is one. What is not listed is shown as it is written.
"""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

THINGS = {
    "account": _("帳號"),
    "admin": _("管理頁"),
    "assignment": _("分工"),
    "calendar": _("行事曆網址"),
    "comment": _("部會意見"),
    "conclusion": _("結論"),
    "deputy": _("代理人"),
    "dissent": _("協辦的不同意見"),
    "correction": _("更正申請"),
    "document": _("文件"),
    "evidence": _("佐證資料"),
    "extension": _("展延申請"),
    "filing": _("函送"),
    "holiday": _("辦公日曆"),
    "indicator": _("指標"),
    "invitation": _("專家邀請"),
    "light": _("審定燈號"),
    "meeting": _("協調會議"),
    "membership": _("部會身分"),
    "message": _("報告的留言"),
    "opinion": _("專家意見"),
    "plan": _("計畫"),
    "recusal": _("迴避"),
    "reminder": _("期限提醒"),
    "report": _("年度報告"),
    "resolution": _("決議"),
    "review": _("成果評估"),
    "revision": _("滾動修正"),
    "role": _("系統角色"),
    "scenario": _("經費情境"),
    "seat": _("專家席次"),
    "series": _("數列"),
    "sign_off": _("簽核"),
    "succession": _("組織沿革"),
    "view": _("釘選的檢視"),
    "token": _("API權杖"),
    "year": _("填報年度"),
}
# What a word means where another thing uses it otherwise.
PHRASES = {
    "account.close": _("停用帳號"),
    "account.reopen": _("恢復帳號"),
    "extension.grant": _("展延申請：同意"),
    "correction.grant": _("更正申請：同意"),
    "filing.acknowledge": _("登錄函送的回覆"),
    "meeting.hold": _("協調會議：列為已召開"),
    "opinion.send": _("專家意見：送部會"),
    "report.reopen": _("年度報告：同意更正"),
    "report.return": _("年度報告：退回補正"),
    "report.send_back": _("年度報告：窗口退給承辦人"),
    "report.start": _("年度報告：開始審查"),
    "report.submit": _("年度報告：送窗口核可"),
    "review.propose": _("成果評估：送覆核"),
    "year.close": _("填報年度：截止"),
    "year.open": _("填報年度：開放"),
    "year.reopen": _("填報年度：重新開放"),
}
DEEDS = {
    "accept": _("接受"),
    "acknowledge": _("回覆"),
    "add": _("新增"),
    "agree": _("同意結案"),
    "amend": _("改列"),
    "answer": _("答覆"),
    "appoint": _("指定"),
    "approve": _("核定"),
    "ask": _("提出申請"),
    "ask_comments": _("請部會表示意見"),
    "assess": _("開始專家評估"),
    "assign": _("指派"),
    "autosave": _("自動儲存"),
    "cancel": _("取消"),
    "call": _("召集"),
    "change": _("修改"),
    "change_target": _("變更年度目標"),
    "clear": _("取消"),
    "close": _("關閉"),
    "compile": _("彙編"),
    "copy": _("複製"),
    "correct": _("更正"),
    "create": _("建立"),
    "decide": _("決定"),
    "declare": _("聲明"),
    "decline": _("不核定"),
    "delete": _("刪除"),
    "discard": _("捨棄"),
    "dismiss": _("駁回"),
    "done": _("表示完畢"),
    "drop": _("撤銷更正"),
    "end": _("結束"),
    "enter": _("登錄數值"),
    "exempt": _("列為不適用"),
    "file": _("函送備查"),
    "follow_revision": _("改隸修正後的版本"),
    "follow_succession": _("由承接的部會接辦"),
    "give": _("交辦"),
    "grant": _("給予"),
    "hand_over": _("交接給另一位承辦人"),
    "hold": _("召開"),
    "import": _("匯入"),
    "import_document": _("匯入計畫本文"),
    "load": _("載入"),
    "make": _("製作"),
    "open": _("開啟"),
    "prefill": _("產生初稿"),
    "propose": _("提出"),
    "publish": _("公布"),
    "quote": _("引用協辦的文字"),
    "ready": _("列為完稿"),
    "rebase": _("改依新的彙編"),
    "record": _("登錄"),
    "redefine": _("提出新的定義"),
    "refuse": _("不同意"),
    "release": _("公布"),
    "remove": _("移除"),
    "renumber": _("依修訂後的編號移轉"),
    "rename": _("改名"),
    "reopen": _("重新開放"),
    "reply": _("回覆"),
    "report": _("回報"),
    "resend": _("再寄一次"),
    "reset_password": _("重設密碼"),
    "resume": _("恢復填報"),
    "return": _("退回"),
    "revoke": _("撤銷"),
    "rules": _("改規則"),
    "save": _("儲存"),
    "send": _("送出"),
    "send_back": _("退回"),
    "set": _("設定"),
    "settings": _("改設定"),
    "share": _("分享"),
    "sign_off": _("核可並送國科會"),
    "start": _("開始"),
    "submit": _("送出"),
    "synthesize": _("開始綜整"),
    "unassign": _("取消指派"),
    "unready": _("改回草稿"),
    "unshare": _("停止分享"),
    "withdraw": _("撤回"),
}


def in_words(verb: str) -> str:
    """`report.accept` → 年度報告：接受."""
    if verb in PHRASES:
        return str(PHRASES[verb])
    thing, _dot, deed = verb.partition(".")
    words = [str(THINGS.get(thing, thing)), str(DEEDS.get(deed, deed))]
    return "：".join(word for word in words if word)


def thing_in_words(target: str) -> str:
    """`tracking.progressreport:3` → 年度執行情形 3; a text that names no table stays."""
    label, colon, key = target.partition(":")
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return target
    return f"{model._meta.verbose_name}{' ' if colon else ''}{key}"
