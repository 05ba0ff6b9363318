"""What is said of a finding, in Chinese and English: the sentence, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from devices.doctor.findings import Finding

Said = tuple[str, str]
"""The sentence; the remedy, empty where nothing is to be done."""

ZH: Final[Mapping[str, Said]] = {
    "python.ok": ("Python {version}", ""),
    "python.old": ("Python {version} 太旧", "请安装 Python {wanted} 或更新的版本"),
    "folder.ok": ("数据目录 {folder} 可写", ""),
    "folder.to_be_made": ("数据目录 {folder} 还没有，首次启动时会建立", ""),
    "folder.unwritable": ("{folder} 不可写", "请把它交给运行 yihu 的用户，或用 --data 另选目录"),
    "disk.local": ("数据在本机磁盘上（{kind}）", ""),
    "disk.remote": (
        "数据在网络磁盘上（{kind}），断电时警情可能丢失",
        "请用 --data 选本机磁盘上的目录",
    ),
    "disk.unknown": ("看不出数据在哪种磁盘上", ""),
    "space.ok": ("磁盘剩余 {free_gb} GB", ""),
    "space.low": ("磁盘只剩 {free_mb} MB", "请腾出至少 2 GB"),
    "space.none": ("磁盘只剩 {free_mb} MB，警情很快会存不下", "请马上腾出空间"),
    "sync.ok": ("写盘一次 {p50_ms} 毫秒，最慢 {p99_ms} 毫秒", ""),
    "sync.slow": (
        "写盘一次 {p50_ms} 毫秒，最慢 {p99_ms} 毫秒：每个警情要等两次",
        "请换固态硬盘，或停掉占用这块盘的程序",
    ),
    "sync.failed": ("写盘失败（{why}）", "请检查磁盘"),
    "program.ok": ("自带的消息代理：{program}", ""),
    "program.missing": (
        "没有自带的消息代理（{why}）",
        "请重装 yihu，或用 --broker mqtt://主机:端口 指定别的代理",
    ),
    "hub.stopped": ("Yihu 没有在运行", ""),
    "hub.ready": ("Yihu 在运行，一切就绪", ""),
    "hub.not_ready": ("Yihu 在运行，但还没有就绪", "请看它的日志"),
    "hub.unattended": (
        "Yihu 在运行，但没有人在调度席上",
        "请用有调度员职务的账号登录，打开 {page} 并让页面开着；没有人在时，警情会直接升级",
    ),
    "hub.degraded": ("Yihu 报告：{what}（{why}）", "请按日志处理"),
    "backup.unset": ("没有设置每日备份", '请在 yihu.toml 里写 [backup] to = "备份目录"'),
    "backup.ok": ("最新的备份在 {to}，{hours} 小时前做的", ""),
    "backup.none": (
        "{to} 里没有这个中心的备份",
        "启动几分钟后会做第一份；没有的话请看日志，或运行 yihu backup",
    ),
    "backup.old": ("{to} 里最新的备份已有 {days} 天", "请看日志，或运行 yihu backup 看它说什么"),
    "backup.unseen": ("看不到备份目录 {to}（{why}）", "请插上备份盘，并先建好这个目录"),
    "ports.free": ("{host} 的端口 {port} 空着", ""),
    "ports.taken": ("{why}", "请停掉占用它的程序，或改设置 {setting}"),
    "ports.ours": ("端口由正在运行的 Yihu 使用", ""),
    "broker.ok": ("消息代理 {address} 往返 {trip_ms} 毫秒", ""),
    "broker.held": (
        "消息代理 {address} 往返 {trip_ms} 毫秒：Nagle 算法与延迟确认让每个警情白等 40 毫秒",
        "请在 mosquitto.conf 里加一行 set_tcp_nodelay true，然后重启它",
    ),
    "broker.slow": (
        "消息代理 {address} 往返 {trip_ms} 毫秒",
        "请看代理是否繁忙，或离得太远",
    ),
    "broker.refused": (
        "消息代理 {address} 不让诊断程序进入（{why}）",
        "请再运行一次 yihu acl 并让代理重新读取文件；自带的代理请重启 yihu",
    ),
    "broker.down": ("连不上消息代理 {address}（{why}）", "请启动它，或检查 --broker 的地址"),
    "broker.silent": (
        "消息代理 {address} 没有把消息送回，时间没有测到",
        "请允许 yihu_doctor 读写主题 yihu/doctor",
    ),
    "broker.unstarted": ("自带的消息代理随 yihu run 启动，没有测", ""),
    "trial.stopped": ("Yihu 没有运行，没有试按", ""),
    "trial.no_token": (
        "没有试按：{why}",
        "请用运行 Yihu 的用户、指明它的 --data 再运行 yihu doctor",
    ),
    "trial.no_stream": ("页面的实时数据连不上（{why}），没有试按", "请看日志"),
    "trial.no_link": ("消息代理没有放行试按（{why}）", "请先解决上面关于消息代理的问题"),
    "trial.taken": ("试按（不是真报警）：{ms} 毫秒后消息代理收下", ""),
    "trial.heard": ("试按：{ms} 毫秒后调度中心收到，页面看得见", ""),
    "trial.stored": ("试按：{ms} 毫秒后已存盘，并告知了按的一方", ""),
    "trial.decided": ("试按：{ms} 毫秒后派警已算好，真报警会先叫 {count} 人", ""),
    "trial.untaken": (
        "消息代理 {waited_s} 秒内没有收下试按，也没有别的消息：问题在到消息代理这一段",
        "请看消息代理的日志",
    ),
    "trial.unheard": (
        "消息代理收下了试按，调度中心 {waited_s} 秒内没有收到：问题在消息代理到调度中心这一段",
        "用自己的消息代理时请重新运行 yihu acl 并让它读入；否则请看日志",
    ),
    "trial.unseen": (
        "试按已存盘，但页面 {waited_s} 秒内没有看见：问题在页面的实时数据",
        "请看日志",
    ),
    "trial.unstored": (
        "调度中心收到了试按，{waited_s} 秒内没有存盘（{why}）：问题在存储",
        "请检查磁盘或数据库",
    ),
    "trial.untold": (
        "试按已存盘，但 {waited_s} 秒内按的一方没有被告知：问题在消息代理的回程",
        "用自己的消息代理时请重新运行 yihu acl 并让它读入；否则请看日志",
    ),
    "trial.undecided": (
        "试按已存盘，但派警算不出来（{why}）：真报警会显示“请人工呼叫”",
        "请看日志，并检查预案和社区文件",
    ),
    "certificate.none": ("没有用加密连接，没有证书可查", ""),
    "certificate.ok": ("消息代理的证书还有 {days} 天", ""),
    "certificate.soon": ("消息代理的证书只剩 {days} 天", "请更换证书"),
    "certificate.bad": ("消息代理的证书不能用（{why}）", "请检查证书、主机名和时钟"),
    "cert.none": ("没有设置证书：网页和对讲机端口都不加密", ""),
    "cert.ok": ("{setting} 的证书还有 {days} 天，用于 {names}", ""),
    "cert.soon": (
        "{setting} 的证书只剩 {days} 天（用于 {names}）",
        "请运行 yihu tls --again",
    ),
    "cert.over": (
        "{setting} 的证书已经过期 {days} 天：手机和浏览器不再连接",
        "请运行 yihu tls --again",
    ),
    "cert.bad": ("{why}", "{remedy}"),
    "store.none": ("还没有存储，首次启动时会建立", ""),
    "store.ok": ("存储可读，版本相符：{place}", ""),
    "settings.open": ("设置还不能用：{why}", "{remedy}"),
    "store.unusable": ("存储不能用：{why}", "{remedy}"),
    "store.unreadable": ("存储读不出：{place}（{why}）", "请检查数据库是否在运行、是否有权限"),
    "clock.ok": ("时钟没有落后于存储", ""),
    "clock.behind": (
        "存储里最后一条比本机时钟晚 {ahead_s} 秒：时钟被拨回过",
        "请开启网络校时",
    ),
    "page.ok": ("操作台网页已构建", ""),
    "page.missing": ("操作台网页没有构建", "请运行 make page，或重装 yihu"),
}

EN: Final[Mapping[str, Said]] = {
    "python.ok": ("Python {version}", ""),
    "python.old": ("Python {version} is too old", "install Python {wanted} or later"),
    "folder.ok": ("the data folder {folder} can be written", ""),
    "folder.to_be_made": ("the data folder {folder} will be made at the first start", ""),
    "folder.unwritable": (
        "{folder} cannot be written",
        "give it to the user that runs yihu, or name another with --data",
    ),
    "disk.local": ("the data lie on this machine's own disk ({kind})", ""),
    "disk.remote": (
        "the data lie on a network disk ({kind}): a power cut may lose alarms",
        "choose a folder on a disk of this machine with --data",
    ),
    "disk.unknown": ("what kind of disk the data lie on cannot be seen", ""),
    "space.ok": ("{free_gb} GB are free", ""),
    "space.low": ("only {free_mb} MB are free", "make room for at least 2 GB"),
    "space.none": (
        "only {free_mb} MB are free: soon no alarm can be stored",
        "make room at once",
    ),
    "sync.ok": ("the disk takes {p50_ms} ms to keep a page, {p99_ms} ms at the slowest", ""),
    "sync.slow": (
        (
            "the disk takes {p50_ms} ms to keep a page, {p99_ms} ms at the slowest: each alarm "
            "waits for two"
        ),
        "use a solid-state disk, or stop what else is at work on this one",
    ),
    "sync.failed": ("the disk keeps nothing ({why})", "see to the disk"),
    "program.ok": ("the embedded broker is {program}", ""),
    "program.missing": (
        "{why}",
        "install yihu again, or name a broker of your own with --broker mqtt://HOST:PORT",
    ),
    "hub.stopped": ("Yihu does not run", ""),
    "hub.ready": ("Yihu runs and is ready", ""),
    "hub.not_ready": ("Yihu runs but is not ready", "see its log"),
    "hub.unattended": (
        "Yihu runs, and nobody is at a console",
        "log in as an operator at {page}, leave the page open; until then alarms are carried up",
    ),
    "hub.degraded": ("Yihu reports {what}: {why}", "see its log for what to do"),
    "backup.unset": (
        "no daily backup is set up",
        'write [backup] to = "FOLDER" in yihu.toml',
    ),
    "backup.ok": ("the newest backup in {to} is {hours} hours old", ""),
    "backup.none": (
        "{to} has no backup of this centre",
        "the first is made some minutes after a start; else see the log, or run yihu backup",
    ),
    "backup.old": (
        "the newest backup in {to} is {days} days old",
        "see the log, or what yihu backup says",
    ),
    "backup.unseen": (
        "the folder for backups {to} cannot be seen ({why})",
        "plug its disk in, and make the folder first",
    ),
    "ports.free": ("port {port} on {host} is free", ""),
    "ports.taken": ("{why}", "stop what uses it, or choose another with {setting}"),
    "ports.ours": ("the ports are in use by the Yihu that runs", ""),
    "broker.ok": ("the broker at {address} brings a message back in {trip_ms} ms", ""),
    "broker.held": (
        (
            "the broker at {address} brings a message back in {trip_ms} ms: Nagle's algorithm "
            "and delayed acknowledgement cost each alarm 40 ms for nothing"
        ),
        "add the line set_tcp_nodelay true to mosquitto.conf, and restart it",
    ),
    "broker.slow": (
        "the broker at {address} brings a message back in {trip_ms} ms",
        "see whether it is busy, or far away",
    ),
    "broker.refused": (
        "the broker at {address} does not let the doctor in ({why})",
        "run yihu acl again and have the broker read the files; restart yihu if it is its own",
    ),
    "broker.down": (
        "the broker at {address} cannot be reached ({why})",
        "start it, or see to the address given with --broker",
    ),
    "broker.silent": (
        "the broker at {address} brought no message back, and no time could be measured",
        "let yihu_doctor read and write the topic yihu/doctor",
    ),
    "broker.unstarted": ("the embedded broker starts with yihu run; it was not measured", ""),
    "trial.stopped": ("Yihu does not run: no trial press was made", ""),
    "trial.no_token": (
        "no trial press was made: {why}",
        "run yihu doctor as the user whom Yihu runs as, with its --data",
    ),
    "trial.no_stream": (
        "no trial press was made: the live stream of the pages cannot be reached ({why})",
        "see the log",
    ),
    "trial.no_link": (
        "the broker does not let a trial press in ({why})",
        "see first to what is said of the broker above",
    ),
    "trial.taken": ("trial press (no alarm): the broker had it after {ms} ms", ""),
    "trial.heard": ("trial press: the hub had it, and a page saw so, after {ms} ms", ""),
    "trial.stored": ("trial press: on disk, and whoever pressed was told, after {ms} ms", ""),
    "trial.decided": (
        "trial press: decided after {ms} ms; a real one would first have called {count}",
        "",
    ),
    "trial.untaken": (
        "the broker took no trial press in {waited_s} s: what fails is the way to the broker",
        "see the broker's log",
    ),
    "trial.unheard": (
        (
            "the broker took a trial press and the hub did not hear it in {waited_s} s: what fails "
            "is the way from the broker to the hub"
        ),
        "with a broker of your own run yihu acl again and have it read the files; else see the log",
    ),
    "trial.unseen": (
        (
            "a trial press is on disk and no page saw it in {waited_s} s: what fails is the live "
            "stream to the pages"
        ),
        "see the log",
    ),
    "trial.unstored": (
        (
            "the hub heard a trial press and did not get it on disk in {waited_s} s ({why}): what "
            "fails is the store"
        ),
        "see to the disk or the database",
    ),
    "trial.untold": (
        (
            "a trial press is on disk and whoever pressed was not told in {waited_s} s: what fails "
            "is the way back through the broker"
        ),
        "with a broker of your own run yihu acl again and have it read the files; else see the log",
    ),
    "trial.undecided": (
        (
            "a trial press is on disk, and whom to call cannot be decided ({why}): a real one "
            "would say: call by hand"
        ),
        "see the log, and check the plans and the community files",
    ),
    "certificate.none": ("the broker is reached without TLS: there is no certificate to check", ""),
    "certificate.ok": ("the broker's certificate holds for {days} more days", ""),
    "certificate.soon": ("the broker's certificate holds for only {days} more days", "renew it"),
    "certificate.bad": (
        "the broker's certificate cannot be used ({why})",
        "see to the certificate, the host's name and the clock",
    ),
    "cert.none": ("no certificate is set: neither the page nor the radios' port is encrypted", ""),
    "cert.ok": ("the certificate of {setting} holds for {days} more days, for {names}", ""),
    "cert.soon": (
        "the certificate of {setting} holds for only {days} more days (for {names})",
        "run yihu tls --again",
    ),
    "cert.over": (
        "the certificate of {setting} ended {days} days ago: phones and browsers refuse it",
        "run yihu tls --again",
    ),
    "cert.bad": ("{why}", "{remedy}"),
    "store.none": ("there is no store yet: it is made at the first start", ""),
    "store.ok": ("{place} can be read and is of this version", ""),
    "settings.open": ("{why}", "{remedy}"),
    "store.unusable": ("{why}", "{remedy}"),
    "store.unreadable": (
        "{place} cannot be read ({why})",
        "see that the database runs and that we may read it",
    ),
    "clock.ok": ("the clock is not behind the store", ""),
    "clock.behind": (
        "the store's last fact is {ahead_s} s ahead of this machine's clock, which was set back",
        "let the network set the clock (NTP)",
    ),
    "page.ok": ("the operators' page is built", ""),
    "page.missing": ("the operators' page is not built", "run make page, or install yihu again"),
}

TONGUES: Final[Mapping[str, Mapping[str, Said]]] = {"zh": ZH, "en": EN}


def say(finding: Finding, lang: str) -> Said:
    """The sentence and the remedy, filled in."""
    sentence, remedy = TONGUES[lang][finding.code]
    return sentence.format(**finding.facts), remedy.format(**finding.facts)
