"""What the journal's verbs and things read like for an auditor."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core.actor import Role

VERBS: dict[str, Any] = {
    "accept": _l("确认检查"),
    "accept_correction": _l("同意更正"),
    "add_equipment": _l("登记设备"),
    "add_house_item": _l("增加自有检查项"),
    "add_line": _l("增加计划"),
    "add_person": _l("加人"),
    "add_point": _l("新增巡查点"),
    "add_stall": _l("新增档口"),
    "add_worker": _l("登记从业人员"),
    "add_zone": _l("新增分区"),
    "apply": _l("确认导入"),
    "appoint": _l("任命岗位"),
    "ask_correction": _l("申请更正"),
    "ask_export": _l("申请导出"),
    "attach": _l("交照片或文件"),
    "backfill": _l("补录"),
    "bring": _l("交表格"),
    "change_line": _l("改计划"),
    "change_operator": _l("换管理公司"),
    "change_password": _l("改密码"),
    "close_market": _l("关闭市场"),
    "close_market_days": _l("设休市日"),
    "close_stall": _l("撤销档口"),
    "close_town": _l("全镇停市"),
    "confirm_paper": _l("核对证照原件"),
    "correct_paper": _l("更正证照"),
    "decline_correction": _l("不采纳更正"),
    "denied": _l("没有权限，被拒绝"),
    "detach": _l("撤回照片或文件"),
    "disable": _l("停用账号"),
    "draft": _l("起草清单"),
    "drop": _l("放弃导入"),
    "edit_equipment": _l("改设备资料"),
    "edit_market": _l("改市场资料"),
    "edit_point": _l("改巡查点"),
    "edit_stall": _l("改档口资料"),
    "edit_vendor": _l("改商户资料"),
    "edit_worker": _l("改从业人员资料"),
    "edit_zone": _l("改分区"),
    "enable": _l("恢复账号"),
    "end_equipment": _l("停用设备"),
    "end_house_item": _l("停用自有检查项"),
    "end_line": _l("停止计划"),
    "end_membership": _l("结束身份"),
    "end_point": _l("停用巡查点"),
    "end_post": _l("离岗"),
    "end_vendor": _l("停止经营"),
    "end_worker": _l("从业人员离开"),
    "erase": _l("按期清除"),
    "excuse": _l("免查"),
    "expire_export": _l("导出到期删除"),
    "fail_export": _l("导出没有做成"),
    "file_found": _l("文件又找到了"),
    "file_missing": _l("文件不见了"),
    "finish": _l("导入完成"),
    "follow_market": _l("账号随市场转到新公司"),
    "hand_over": _l("交给接手的人"),
    "issue_invite_link": _l("发开通链接"),
    "issue_reset_link": _l("发重设密码链接"),
    "judge": _l("检查表格"),
    "lapse": _l("导入作废"),
    "lift_closure": _l("解除停市"),
    "lift_not_applicable": _l("解除不适用"),
    "load": _l("载入清单"),
    "load_divisions": _l("载入区划"),
    "make_export": _l("导出做好了"),
    "make_signs": _l("做标识码"),
    "miss": _l("记为未查"),
    "move_in": _l("商户进场"),
    "move_out": _l("商户离场"),
    "move_point": _l("调整巡查点次序"),
    "move_zone": _l("调整分区次序"),
    "name_successor": _l("指定接续区划"),
    "note": _l("知悉检查"),
    "open_account": _l("给商户开账号"),
    "plan": _l("排检查计划"),
    "print_signs": _l("打印标识码"),
    "publish": _l("发布清单"),
    "record_paper": _l("登记证照"),
    "refuse": _l("表格读不了"),
    "register_market": _l("登记市场"),
    "register_organisation": _l("登记单位"),
    "register_vendor": _l("登记商户"),
    "rename": _l("改单位资料"),
    "renew_paper": _l("登记新证"),
    "renovate_stall": _l("档口装修"),
    "renumber": _l("换了编号"),
    "replace_sign": _l("换标识码"),
    "reset_second_factor": _l("解除动态码"),
    "restamp": _l("改到别的村（社区）"),
    "restore": _l("恢复要查"),
    "resume_equipment": _l("设备恢复使用"),
    "resume_stall": _l("档口恢复营业"),
    "resume_vendor": _l("商户恢复经营"),
    "reveal_identity": _l("看完整身份证号"),
    "revoke_sign": _l("作废标识码"),
    "seal_stall": _l("档口封存"),
    "send_back": _l("退回补查"),
    "set_functions": _l("改部门职能"),
    "set_not_applicable": _l("设为不适用"),
    "set_pin": _l("设签名码"),
    "sign": _l("签认记录"),
    "sign_in": _l("登录"),
    "start": _l("开始检查"),
    "start_event": _l("遇事开查"),
    "submit": _l("提交检查"),
    "suspend_stall": _l("档口停业"),
    "try_again": _l("让后台任务再试"),
    "use_invite_link": _l("用开通链接设密码"),
    "use_reset_link": _l("用链接重设密码"),
    "withdraw": _l("撤回草稿"),
    "withdraw_closed_days": _l("撤销休市日"),
}
"""Every verb the code writes has its words; a test walks the code."""

THINGS: dict[str, Any] = {
    "area": _l("区划"),
    "area_load": _l("区划文件"),
    "attachment": _l("照片或文件"),
    "blob": _l("存储的文件"),
    "check_point": _l("巡查点"),
    "checklist": _l("检查清单"),
    "closed_day": _l("休市日"),
    "closure": _l("停市通知"),
    "control_record": _l("管控记录"),
    "correction": _l("更正申请"),
    "equipment": _l("设备"),
    "errand": _l("后台任务"),
    "export": _l("导出"),
    "house_item": _l("自有检查项"),
    "import": _l("导入"),
    "market": _l("市场"),
    "membership": _l("身份"),
    "not_applicable": _l("不适用设置"),
    "occupancy": _l("进场离场"),
    "occurrence": _l("检查"),
    "organisation": _l("单位"),
    "paper": _l("证照"),
    "person": _l("账号"),
    "plan_line": _l("计划"),
    "post": _l("岗位"),
    "route": _l("页面"),
    "sign": _l("标识码"),
    "stall": _l("档口"),
    "vendor": _l("商户"),
    "worker": _l("从业人员"),
    "zone": _l("分区"),
}
"""The tables that can be the subject of a line."""

READS: dict[str, Any] = {
    "export": _l("导出名单"),
    "identity": _l("身份证号"),
    "import": _l("导入的表格"),
    "phone": _l("联系电话"),
}
"""What was read."""


def verb(code: str) -> Any:
    """The words of a verb, the verb itself where it has none."""
    return VERBS.get(code, code)


def thing(code: str) -> Any:
    """The words of a table, its name where it has none."""
    return THINGS.get(code, code)


def read(code: str) -> Any:
    """The words of a kind of data."""
    return READS.get(code, code)


def role(code: str) -> Any:
    """The words of a role, as a line keeps it."""
    return Role(code).label if code in set(Role) else code
