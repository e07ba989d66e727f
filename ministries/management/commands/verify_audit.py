"""Check the audit log's chain of hashes against its rows and the signed checkpoints."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config.kit.moment import one_moment
from ministries import audit, audit_chain
from ministries.audit_checkpoints import anchors_path, kept_anchors, read_anchors

BY = "system:verify_audit"


class Command(BaseCommand):
    help = "查核稽核紀錄有沒有被改過、刪除、換過順序或切掉最後幾筆；有問題時結束代碼是 1。"

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument(
            "--anchors",
            metavar="FILE",
            type=Path,
            help="另外保存的查核點；預設是資料夾裡的 audit/checkpoints.jsonl",
        )

    def handle(self, *args, **options):
        anchors = self.anchors(options["anchors"])
        # Else a prune that ends meanwhile would look like events that were removed.
        with one_moment():
            verdict = audit_chain.verify(anchors)
        told = {"rows": verdict.rows, "last": verdict.last, "problems": len(verdict.problems)}
        audit.record("audit.verify", "ministries.auditevent", by=BY, after=told)
        if options["format"] == "json":
            content = verdict._asdict() | {
                "ok": not verdict.problems,
                "anchors": len(anchors),
                "problems": [problem._asdict() for problem in verdict.problems],
            }
            self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))
        else:
            self.tell(verdict, anchors)
        if verdict.problems:
            raise SystemExit(1)

    def anchors(self, named: Path | None) -> list[dict]:
        path = named or anchors_path()
        try:
            return read_anchors(path) if named else kept_anchors()
        except OSError as error:
            raise CommandError(f"讀不到 {path}：{error.strerror}。") from error
        except ValueError as error:
            raise CommandError(f"{path}：{error}") from error

    def tell(self, verdict: audit_chain.Verdict, anchors: list[dict]) -> None:
        for problem in verdict.problems:
            self.stdout.write(f"{problem.kind}  {problem.text}")
        self.stdout.write(
            f"{verdict.rows} 筆，序號 {verdict.first} 到 {verdict.last}，"
            f"簽章查核到序號 {verdict.signed}。"
        )
        self.stdout.write(
            f"和另外保存的 {len(anchors)} 個查核點比對過。"
            if anchors
            else "沒有另外保存的查核點可以比對：有資料庫全部權限的人能不能改寫，這次看不出來。"
        )
        many = len(verdict.problems)
        self.stdout.write(f"有 {many} 個問題。" if many else "完整：沒有被改過。")
