"""The words that rules, rows and letters share (术语): severities, risks, states, roles.

Values are the stable words of the command line and of CSV files; their Chinese labels are
in the catalogue.
"""

from enum import StrEnum


class Severity(StrEnum):
    """How bad a nonconformity is (严重程度); other duties carry MINOR."""

    MINOR = "minor"  # 一般
    MAJOR = "major"  # 严重
    OBSERVATION = "observation"  # 观察项


class Risk(StrEnum):
    """What may follow from it (风险): HIGH is reported straight up."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Role(StrEnum):
    """Roles of the regulation (角色), as people.csv writes them."""

    QUALITY = "quality"  # 质量部
    QUALITY_HEAD = "quality_head"  # 质量部负责人
    AUDITOR = "auditor"  # 内审员
    SERVICE_DESK = "service_desk"  # 服务台
    PROJECT_MANAGER = "project_manager"  # 项目经理
    DEPARTMENT_MANAGER = "department_manager"  # 部门经理
    CENTRE_DIRECTOR = "centre_director"  # 运维中心主任
    VP_OPERATIONS = "vp_operations"  # 运维副总
    TOP_MANAGEMENT = "top_management"  # 最高管理者
    PROCESS_OWNER = "process_owner"  # 流程所有人


class DutyState(StrEnum):
    """The life of a duty (待办)."""

    OPEN = "open"
    DISCHARGED = "discharged"
    WITHDRAWN = "withdrawn"


class DutyKind(StrEnum):
    """What is owed; each kind has one answer model in its process."""

    RESPOND = "respond"  # 回复原因与措施计划
    AGREE = "agree"  # 质量部同意计划
    ACT = "act"  # 实施措施
    VERIFY = "verify"  # 有效性验证
    VERIFY_EFFECT = "verify_effect"  # 严重项 90 天后的效果确认
    DECIDE_DISPUTE = "decide_dispute"  # 裁决异议
    DECIDE = "decide"  # 直报管理层：资源、措施或接受风险
    DECIDE_EXTENSION = "decide_extension"  # 审批延期
    QUALITY_CHECK = "quality_check"  # 项目质量检查
    DECIDE_CHECKER = "decide_checker"  # 裁决检查人独立性例外
    REPORT_KPI = "report_kpi"  # 填报指标值
    CONFIRM_VALUE = "confirm_value"  # 核定迟到数据
    EXPLAIN_SPECIAL = "explain_special"  # 说明特殊情况
    PLAN_AUDIT = "plan_audit"  # 编制审核计划
    RECEIVE_AUDIT = "receive_audit"  # 受审核方确认审核安排
    CONDUCT_AUDIT = "conduct_audit"  # 实施审核
    CONFIRM_FINDING = "confirm_finding"  # 受审核方确认审核发现
    DECIDE_FINDING = "decide_finding"  # 裁决对审核发现的异议
    REPORT_AUDIT = "report_audit"  # 编制审核报告
    CARRY_FINDINGS = "carry_findings"  # 未关闭审核发现的处理决定
    DECIDE_AUDITOR_EXCEPTION = "decide_exception"  # 审批独立性例外
    DRAW_UP = "draw_up"  # 编制文件
    REVIEW = "review"  # 审核文件
    APPROVE = "approve"  # 批准文件
    REVISE = "revise"  # 修改被退回的文件
    READ = "read"  # 签收文件
    CARRY_OUT = "carry_out"  # 执行计划活动
    CHECK_ACTIVITY = "check_activity"  # 核查计划活动
    HOLD_REVIEW = "hold_review"  # 召开管理评审
    DECIDE_CHANGE = "decide_change"  # 审批活动变更
    MEET_REQUIREMENT = "meet_requirement"  # 满足服务需求
    SOLVE_PROBLEM = "solve_problem"  # 解决问题
    MEND_CONTACT = "mend_contact"  # 补正客户联系人


class LetterKind(StrEnum):
    """What a letter says; with duty, episode, step and person it makes a line's key."""

    ASSIGNMENT = "assignment"  # 待办通知
    REMINDER = "reminder"  # 到期提醒
    OVERDUE = "overdue"  # 逾期通知（本人）
    ESCALATION = "escalation"  # 升级通知（上级）
    STRAIGHT_UP = "straight_up"  # 直报管理层
    STOOD_IN = "stood_in"  # 缺勤期间由代理人代收
    EXTENSION_ASKED = "extension_asked"  # 延期申请
    EXTENSION_DECIDED = "extension_decided"  # 延期审批结果
    VERIFICATION_ASKED = "verification_asked"  # 请验证
    INEFFECTIVE = "ineffective"  # 验证无效
    INSTRUCTION = "instruction"  # 督办
    COMMENT = "comment"  # 有人以邮件回复
    OVER = "over"  # 事项已结束
    CHECK_REPORT = "check_report"  # 项目质量检查报告
    SPECIAL_SITUATION = "special_situation"  # 指标特殊情况
    KPI_REPORT = "kpi_report"  # 指标月报
    PLAN_REPORT = "plan_report"  # 计划通报
    PROVISIONAL = "provisional"  # 请确认是否本人答复
    CODE = "code"  # 签署验证码
    SIGN_IN = "sign_in"  # 登录链接
    ALARM = "alarm"  # 运行告警
    MEETING = "meeting"  # 会议邀请
