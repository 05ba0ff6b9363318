// What the hub's codes are called in Chinese, and the lines of a story. Panels' own words: zh.ts.

import type {
  Agency,
  AssignmentState,
  Bearing,
  Delivery,
  Disposition,
  EscalationReason,
  FalseReason,
  Interval,
  Kind,
  Link,
  Phase,
  PlaceSource,
  Role,
  Rung,
  Satisfaction,
  StoryFact,
  Tier,
  Verdict,
  WithdrawReason,
} from '../words';

/** What a line of the story may name; already made into words, empty where absent. */
export interface Told {
  unit: string;
  by: string;
  words: string;
  wave: number;
  called: number;
  count: number;
  reason: string;
  rung: string;
  disposition: string;
  /** Another incident as `#003`, or another person. */
  other: string;
  /** A code that is no word by itself: how two incidents stand, whether it was granted, held or done. */
  how: string;
  tier: string;
  agency: string;
  plan: string;
  item: string;
  kind: string;
  priority: number;
  gateway: string;
  ok: boolean;
  volunteered: boolean;
  duress: boolean;
}

/** Every code a refusal may carry: dispatch/errors.py and the door's own. */
export const REFUSALS = [
  'refused',
  'unknown_incident',
  'unknown_unit',
  'unknown_assignment',
  'unknown_drill',
  'stale_version',
  'stale_lease',
  'held',
  'key_reused',
  'wrong_phase',
  'unfit',
  'unknown_community',
  'unknown_decision',
  'unknown_kind',
  'unknown_role',
  'unknown_disposition',
  'unknown_agency',
  'unknown_false_reason',
  'unknown_satisfaction',
  'bad_body',
  'bad_community',
  'bad_grid',
  'bad_incident',
  'bad_unit',
  'bad_assignment',
  'bad_radio',
  'bad_place',
  'bad_plan',
  'bad_item',
  'bad_alarm',
  'bad_alarms',
  'bad_drill',
  'bad_version',
  'bad_query',
  'bad_operator',
  'not_logged_in',
  'no_right',
  'no_csrf',
  'no_rule',
  'no_command_id',
  'no_words',
  'too_long',
  'too_large',
  'too_slow',
  'not_json',
  'encoded',
  'head_too_long',
  'unreadable',
  'not_found',
  'method_not_allowed',
  'wrong_host',
  'wrong_origin',
  'archive_slow',
  'busy',
  'no_answer',
  'store_down',
  'wrong_body',
  'no_simulator',
  'not_stored',
  'internal',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

const kind: Record<Kind, string> = {
  sos: '求救',
  medical: '急病',
  fire: '火情',
  dispute: '纠纷',
  suspicious: '可疑',
  missing: '走失',
  hazard: '隐患',
  nuisance: '扰民',
  other: '其他',
};
const role: Record<Role, string> = { volunteer: '志愿者', guard: '保安', police: '民警' };
const phase: Record<Phase, string> = {
  received: '待接手',
  acknowledged: '已接手',
  dispatched: '已派警',
  accepted: '有人应答',
  en_route: '人员在途',
  on_scene: '人员到场',
  closed: '已结束',
  cancelled: '已取消',
  false: '误报',
  duplicate: '重复',
  reopened: '重新打开',
};
const disposition: Record<Disposition, string> = {
  resolved: '已处置',
  resolved_on_spot: '现场化解',
  warned: '口头警告',
  handed_over: '移交',
  gone_on_arrival: '到场已离开',
  no_action: '无需处置',
  false_alarm: '误报',
  cancelled: '报警已取消',
  duplicate: '重复报警',
  by_phone: '电话解决',
  cancelled_before_arrival: '到场前报警已取消',
  referred: '转有关部门',
};
const false_reason: Record<FalseReason, string> = {
  by_accident: '误碰',
  radio_fault: '对讲机故障',
  test: '测试',
  mistaken: '看错听错，并无其事',
  prank: '恶作剧',
};
const satisfaction: Record<Satisfaction, string> = {
  very_satisfied: '很满意',
  satisfied: '满意',
  unsatisfied: '不满意',
  not_reached: '没联系上',
};
const agency: Record<Agency, string> = {
  '110': '110 公安',
  '119': '119 消防',
  '120': '120 急救',
  '12345': '12345 热线',
};
const tier: Record<Tier, string> = {
  grid: '网格',
  community: '社区',
  street: '街道',
  agency: '专业力量',
};
const linked: Record<Link, string> = {
  offered: '可能同一起',
  linked: '已关联',
  apart: '不是同一起',
  merged: '已合并',
  split: '拆分自',
};
const assignment: Record<AssignmentState, string> = {
  offered: '未送达',
  received: '已送达',
  accepted: '已接受',
  declined: '谢绝',
  en_route: '途中',
  on_scene: '到场',
  clear: '完成',
  withdrawn: '已召回',
  expired: '超时未答',
};
const assignmentShort: Record<AssignmentState, string> = {
  offered: '派出',
  received: '送达',
  accepted: '接受',
  declined: '谢绝',
  en_route: '出发',
  on_scene: '到场',
  clear: '完成',
  withdrawn: '召回',
  expired: '超时',
};
const delivery: Record<Delivery, string> = {
  queued: '已发出',
  at_broker: '到服务器',
  received: '到对讲机',
  shown: '已显示',
  answered: '已回答',
};
const rung: Record<Rung, string> = {
  louder: '提高音量',
  second_console: '通知第二席',
  supervisor: '通知主管',
};
const escalation: Record<EscalationReason, string> = {
  not_taken: '无人接手',
  unattended: '无人值守',
  nobody_left: '无人可派',
  by_operator: '调度员决定',
  nobody_there: '规定时间内到场人数不够',
};
const verdict: Record<Verdict, string> = {
  called: '已呼叫',
  not_needed: '人数已够',
  sender: '报警人本人',
  already_asked: '已派过',
  off_duty: '未当班',
  offline: '离线',
  no_fix: '无定位',
  stale: '定位过旧',
  busy: '在办其他事件',
  wrong_role: '角色不符',
  lacks_skill: '缺少技能',
  too_far: '超出本级范围',
};
const withdrawal: Record<WithdrawReason, string> = {
  by_operator: '调度员召回',
  enough: '人数已够',
  replaced: '另有新任务',
  incident_ended: '事件结束',
  off_duty: '已下班',
  revoked: '对讲机停用',
  preempted: '改派更急的事件',
  merged: '事件合并，转到新编号',
  moved: '地点已更正，人不在新地点',
};
const source: Record<PlaceSource, string> = {
  fix: '报警时定位',
  last_fix: '报警时无定位，用最后一次定位',
  post: '无定位，用其岗位网格',
  operator: '调度员指定',
  none: '位置不明',
};
const bearing: Record<Bearing, string> = {
  N: '北侧',
  NE: '东北侧',
  E: '东侧',
  SE: '东南侧',
  S: '南侧',
  SW: '西南侧',
  W: '西侧',
  NW: '西北侧',
  at: '处',
};
const interval: Record<Interval, string> = {
  device_to_received: '按下到收到',
  received_to_decided: '收到到派警',
  received_to_taken: '收到到接手',
  received_to_first_order_heard: '收到到首个送达',
  received_to_first_accepted: '收到到首个接受',
  accepted_to_en_route: '接受到出发',
  en_route_to_on_scene: '路上',
  received_to_on_scene: '收到到首个到场',
  on_scene_to_clear: '现场处置',
  received_to_closed: '收到到结束',
};
/** Skills of the plan book that comes with Yihu and of the demo; a community's own are shown as they are. */
const skill: Record<string, string> = {
  medical: '医护',
  first_aid: '急救',
  fire: '消防',
  childcare: '看护孩子',
  mediation: '调解',
  counselling: '心理疏导',
  english: '英语',
  sign_language: '手语',
  water_rescue: '水上救援',
};
/** Steps of the plan book that comes with Yihu; a community's own are shown as they are. */
const step: Record<string, string> = {
  near: '就近',
  wider: '扩大范围',
  street: '街道增援',
  agency: '请专业力量',
};
/** People whom a plan tells; others are shown by the name they have in the gateways' file. */
const person: Record<string, string> = { supervisor: '主管' };

/** What became of a message that a gateway did not take: docs/gateways.md. Others are shown as they are. */
const gateway_why: Record<string, string> = {
  limited: '超过发送限额',
  full: '等待发送的消息太多',
  unreachable: '连不上服务',
  certificate: '证书不是该服务的',
  timeout: '服务没有及时答复',
  answer_unclear: '服务的答复看不懂',
  answer_too_long: '服务的答复过长',
  cut_off: '服务的答复中断',
  bad_url: '发送地址不适用于此人',
  failed: '没能发出，服务未说明原因',
  unknown_gateway: '没有这个通知渠道',
  no_contact: '没有联系方式',
  worker_died: '发送程序中断，不知是否已发',
  no_worker: '发送程序没有运行',
  too_old: '等待过久，没有发',
  busy: '发送程序忙不过来',
  dropped: '已有答复，不用再发',
  twice: '已经提交过',
  closed: '系统正在关闭',
};
/** Codes that end in a number of the service's own: its status, or what its answer said. */
const gateway_answer: Record<string, (number: string) => string> = {
  http: (number) => `服务返回 ${number}`,
  answer: (number) => `服务拒收，代码 ${number}`,
};

const because = (text: string): string => (text ? `：${text}` : '');
const LINKED: Record<string, (f: Told) => string> = {
  offered: (f) => `可能与 ${f.other} 是同一起，请调度员判断`,
  linked: (f) => `${f.by ? `${f.by} ` : ''}与 ${f.other} 关联`,
  apart: (f) => `${f.by} 认定与 ${f.other} 不是同一起`,
  merged: (f) => `${f.by} 与 ${f.other} 合并`,
  split: (f) => `${f.by} 拆分：另一起是 ${f.other}`,
};
const story: Record<StoryFact, (told: Told) => string> = {
  AlarmReceived: (f) => `收到 ${f.unit} 的报警`,
  AlarmRepeated: (f) => `${f.unit || '对讲机'} 仍在重复报警${f.count ? `，共 ${f.count} 次` : ''}`,
  AlarmConflicted: () => '同一次报警收到不同内容：以第一次为准，后者留档',
  AlarmUndecided: (f) => `未能自动派警，请人工呼叫${because(f.reason)}`,
  IncidentOpened: (f) => (f.by ? `${f.by} 手动立案${because(f.words)}` : `${f.unit} 报警，自动立案`),
  AlarmJoined: (f) => `${f.unit || '报警人'} 再次按下报警`,
  AlarmLeft: (f) => `${f.unit || '一次'} 的报警转到 ${f.other}`,
  IncidentLinked: (f) => (LINKED[f.how] ?? LINKED['linked']!)(f),
  StepBegun: (f) =>
    `${f.by ? `${f.by} ` : ''}${f.reason ? `升到${f.tier}` : `按预案从${f.tier}开始`}${f.reason && !f.by ? because(f.reason) : ''}${f.agency ? `；建议移交 ${f.agency}` : ''}`,
  PlanChanged: (f) => `${f.by} 改用预案 ${f.plan}${because(f.words)}`,
  CallsHeld: (f) => (f.how === 'held' ? `${f.by} 停止自动呼叫${because(f.words)}` : `${f.by} 恢复自动呼叫${because(f.words)}`),
  IncidentRevised: (f) => `${f.by} 改为 ${f.kind}，${f.priority} 级${because(f.words)}`,
  PlaceRevised: (f) => `${f.by} 更正位置${because(f.words)}`,
  ChecklistTicked: (f) => `${f.by} ${f.how === 'done' ? '完成' : '取消勾选'}：${f.item}`,
  ResponseDecided: (f) => `${f.by ? `${f.by} 加叫` : `第 ${f.wave} 波：呼叫`} ${f.called} 人`,
  UnitAssigned: (f) =>
    f.how === 'carried'
      ? `${f.unit} 由合并转来`
      : f.volunteered ? `${f.unit} 自愿前往` : f.by ? `${f.by} 加派 ${f.unit}` : `派 ${f.unit}`,
  OrderReceived: (f) => `${f.unit} 已送达`,
  OrderShown: (f) => `${f.unit} 的对讲机已显示`,
  GatewayTried: (f) =>
    `经 ${f.gateway} 通知 ${f.unit}${f.how === 'recall' ? '不用去' : ''}${f.ok ? '：已发' : `失败${because(f.reason)}`}`,
  UnitAccepted: (f) => `${f.unit} 接受`,
  UnitDeclined: (f) => `${f.unit} 谢绝${because(f.reason || f.words)}`,
  UnitEnRoute: (f) => `${f.unit} 出发`,
  UnitArrived: (f) => `${f.unit} 到场`,
  UnitCleared: (f) => `${f.unit} 完成`,
  AssignmentExpired: (f) => `${f.unit} 超时未答`,
  AssignmentWithdrawn: (f) => `${f.by ? `${f.by} ` : ''}召回 ${f.unit}${because(f.reason)}`,
  ResponseLapsed: () => '已无人应答或在途',
  IncidentTaken: (f) => (f.other ? `${f.by} 从 ${f.other} 接过${because(f.words)}` : `${f.by} 接手`),
  LeaseLapsed: (f) => `${f.by} 离席过久，事件放开，等人接手`,
  HandedOver: (f) => `${f.by} 已告知 ${f.agency}${because(f.words)}`,
  PersonTold: (f) => `经 ${f.gateway} 通知 ${f.other}${f.ok ? '：已发' : `失败${because(f.reason)}`}`,
  CancelRequested: (f) => (f.duress ? `${f.unit} 被迫取消：胁迫` : `${f.unit} 请求取消`),
  CancelAnswered: (f) => `${f.by} ${f.how === 'granted' ? '同意取消' : '不同意取消'}${because(f.words)}`,
  SeenConfirmed: () => '报警人的对讲机已显示接手人',
  NoteAdded: (f) => `${f.by}：${f.words}`,
  IncidentEscalated: (f) => `升级：${f.rung}（${f.reason}）`,
  IncidentClosed: (f) =>
    `${f.by} 结束：${f.disposition}${f.reason ? `（${f.reason}）` : ''}${f.words ? `，${f.words}` : ''}`,
  IncidentReopened: (f) => `${f.by} 重新打开${because(f.words)}`,
  CallbackMade: (f) => `${f.by} 回访：${f.how}${f.words ? `，${f.words}` : ''}`,
  IncidentExported: (f) => `${f.by} 导出事件文件${f.how === 'whole' ? '（含姓名）' : '（不含姓名）'}`,
};
const refusal: Record<RefusalCode, string> = {
  refused: '服务器没有接受这个操作',
  unknown_incident: '没有这个事件，可能早已结束归档',
  unknown_unit: '名册里没有这个单元',
  unknown_assignment: '这个事件里没有这次派警',
  unknown_drill: '没有这场演练，可能已经结束',
  stale_version: '您操作时事件已有变化，请看过再试',
  stale_lease: '您已不再负责这起事件，请重新接手',
  held: '这起事件由别人负责，要操作请先接过来',
  key_reused: '这个操作编号已用于另一件事，请重试',
  wrong_phase: '以事件现在的状态，不能这样做',
  unfit: '这样做不到，请看过再试',
  unknown_community: '没有这个社区',
  unknown_decision: '没有这一波的记录',
  unknown_kind: '服务器不认识这个类型，请重新加载页面',
  unknown_role: '服务器不认识这个角色，请重新加载页面',
  unknown_disposition: '服务器不认识这个结果，请重新加载页面',
  unknown_agency: '服务器不认识这个单位，请重新加载页面',
  unknown_false_reason: '服务器不认识这个误报原因，请重新加载页面',
  unknown_satisfaction: '服务器不认识这个满意度，请重新加载页面',
  bad_body: '服务器读不懂这个操作，请重新加载页面',
  bad_community: '社区填写有误',
  bad_grid: '网格填写有误',
  bad_incident: '事件编号有误',
  bad_unit: '单元填写有误',
  bad_assignment: '派警编号有误',
  bad_radio: '对讲机编号有误',
  bad_place: '地点填写有误',
  bad_plan: '预案填写有误',
  bad_item: '清单条目有误，请重新加载页面',
  bad_alarm: '报警编号有误',
  bad_alarms: '请选要拆分的报警',
  bad_drill: '演练编号有误',
  bad_version: '页面的数据有误，请重新加载页面',
  bad_query: '查询条件有误',
  bad_operator: '姓名不对：空着、太长或有不能显示的字符',
  not_logged_in: '登录已结束，请重新登录',
  no_right: '您没有做这件事的权限',
  no_csrf: '登录已换过，请重新打开页面',
  no_rule: '服务器没有规定谁可以做这件事，所以谁也不能做',
  no_command_id: '页面出错，请重新加载',
  no_words: '请写点内容',
  too_long: '内容太长',
  too_large: '内容太长',
  too_slow: '网络太慢，内容没有传完，请再试一次',
  not_json: '页面出错，请重新加载',
  head_too_long: '请求头太长，请清除本站的 Cookie 后再试',
  unreadable: '服务器读不懂这个请求，请重新加载',
  encoded: '页面出错，请重新加载',
  not_found: '没有找到',
  method_not_allowed: '页面与服务器版本不符，请重新加载',
  wrong_host: '请用服务器启动时打印的地址打开本页',
  wrong_origin: '请用服务器启动时打印的地址打开本页',
  archive_slow: '查找太慢，请稍后再试',
  busy: '服务器太忙，请再试一次',
  no_answer: '服务器没有及时确认，请看清状态再试',
  store_down: '服务器暂时不能写入，请稍后再试；告警照常显示和呼叫',
  wrong_body: '服务器读不懂这个操作，请重新加载页面',
  no_simulator: '模拟对讲机没有运行',
  not_stored: '还没有存盘，对讲机会继续重复',
  internal: '服务器内部出错，已记入日志',
};
/** What a refusal of a field says beyond its code; others are told by the code alone. */
const unfit: Record<string, string> = {
  count: '已没有合适的人可叫，可按呼号加派',
  plan: '这个预案不能用：社区没有，或已在用',
  to: '对方不在任何席位上',
  grid: '网格不对：不属于这个社区，或所指的位置不在其中',
  unit: '这个单元不能派：属于别的社区、已停用或就是报警人',
  held: '呼叫已经是这个状态',
  granted: '报警人被胁迫：只能让对讲机显示“已取消”，暗中继续',
  kind: '类型和等级没有改动',
  other: '这两起不能这样处理：属于不同社区、已合并或已拆分',
  alarms: '不能这样拆分：要留下至少一次报警',
  false_reason: '误报要写明原因，其他结果不写',
  duplicate_of: '请指明与哪一起重复',
  community: '已有一场演练在进行',
};

export const codes = {
  kind,
  role,
  phase,
  disposition,
  false_reason,
  satisfaction,
  agency,
  tier,
  linked,
  assignment,
  assignmentShort,
  delivery,
  rung,
  escalation,
  verdict,
  withdrawal,
  source,
  bearing,
  interval,
  skill,
  step,
  person,
  gateway_why,
  gateway_answer,
  story,
  refusal,
  unfit,
};
