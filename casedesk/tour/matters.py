"""What the residents of the demo report, and what is answered. Invented; nobody in it is a real person."""

from typing import NamedTuple


class Matter(NamedTuple):
    """``category`` of the catalogue, the resident's words, the spot, and the reply of whoever handles it."""

    category: str
    text: str
    place: str
    reply: str


MATTERS = {
    # --- of the enterprise in charge ---
    "lift_stops": Matter(
        "lifts", "2单元东侧电梯今天已经停了三次，刚才又卡在9楼和10楼之间，老人被困十几分钟。", "2栋2单元",
        "维保人员到场更换门机皮带并测试120次，运行正常；已张贴停梯检修告示，下周再复检一次。",
    ),
    "lift_noise": Matter(
        "lifts", "电梯运行时有很大的摩擦声，到一楼会抖一下，希望检查。", "5栋1单元", "导轨已加油，导靴磨损件已更换，试运行无异响。",
    ),
    "lift_button": Matter(
        "lifts", "7栋电梯3楼外呼按钮失灵，按了没反应，推婴儿车只能走楼梯。", "7栋", "外呼板已更换，各楼层按钮逐一测试正常。",
    ),
    "garbage": Matter(
        "cleaning", "垃圾投放点两天没清，夏天味道很大，苍蝇飞进一楼厨房。", "3栋旁投放点",
        "当日清运并冲洗地面，清运由每日一次改为早晚各一次。",
    ),
    "stairs": Matter(
        "cleaning", "楼道至少两周没有拖过，墙角有烟头和宠物粪便。", "11栋3单元", "已全面清扫，保洁排班表贴在单元门内，可对照监督。",
    ),
    "bulky": Matter(
        "cleaning", "装修垃圾堆在单元门口快一个月了，轮椅出不去。", "1栋4单元", "装修垃圾已清走，联系装修户补办备案并收取清运押金。",
    ),
    "pond": Matter(
        "cleaning", "景观水池发绿发臭，蚊子特别多。", "中心花园", "水池已排空清洗，改为每两周换水。",
    ),
    "lamp": Matter(
        "property_service", "走道灯从9楼到12楼全黑，晚上回家要打手电。", "6栋1单元", "更换声控灯4盏，其余楼层已巡查。",
    ),
    "nobody_answers": Matter(
        "property_service", "服务中心电话打了一下午没人接，去了说负责人不在。", "", "已核实当日值班缺岗，对当班人员批评教育，并公示值班表。",
    ),
    "door": Matter(
        "security", "单元门禁坏了十来天，谁都可以进，上周有人丢了电动车电池。", "9栋2单元", "门禁主板已更换，增设夜间巡逻一次。",
    ),
    "camera": Matter(
        "security", "车库入口监控是坏的，车被刮了查不到。", "地下车库B区", "已更换摄像头两台，录像保存30天。",
    ),
    "gate": Matter(
        "security", "西门保安经常不在岗，外卖电动车随便冲。", "西门", "西门恢复双岗，设减速带，外来电动车登记后推行。",
    ),
    "leak": Matter(
        "leaks_repair", "顶楼天花板漏水，下雨天要用三个盆接，报修两次都说排队。", "4栋1单元顶楼",
        "屋面防水局部重做约20平方米，闭水试验48小时无渗漏。",
    ),
    "pipe": Matter(
        "leaks_repair", "一楼下水道反水，污水从地漏冒出来。", "8栋1单元", "主管疏通并高压清洗，建议每季度疏通一次，已列入计划。",
    ),
    "tiles": Matter(
        "leaks_repair", "外墙瓷砖有松动脱落，昨天掉了一块在人行道上。", "10栋南侧", "已围挡警示并清除空鼓瓷砖，修补方案交业主代表会商。",
    ),
    "basement": Matter(
        "leaks_repair", "地下车库一下雨就积水，水深到脚踝。", "地下车库C区", "排水沟清淤，坏的水泵已更换，暴雨时安排人员值守。",
    ),
    "fee_list": Matter(
        "fees_disclosure", "公共收益从去年到现在没有公示过，广告和停车的钱去哪了？", "", "公共收益收支已在公告栏公示15日，账目可到服务中心查阅。",
    ),
    "heating_fee": Matter(
        "fees_disclosure", "要求一次交全年物业费才给办门禁卡，合理吗？", "", "不得以欠费为由拒发门禁卡，已为该户办理，收费窗口已纠正。",
    ),
    "parking_line": Matter(
        "parking", "消防车道旁的车位被人装地锁，访客车没地方停。", "2栋西侧", "已会同业主代表拆除地锁3个，恢复公共车位。",
    ),
    "parking_fee": Matter(
        "parking", "月租车位突然每月涨100元，没有任何通知。", "", "调价未履行程序，已恢复原价，多收部分退还。",
    ),
    "charging": Matter(
        "parking", "充电桩4个坏了3个，晚上抢不到。", "地上车棚", "3个充电桩已修复，另增设6个插口。",
    ),
    "tree": Matter(
        "greenery", "樟树枝条已经伸进二楼窗户，台风天很危险。", "3栋2单元", "已修剪临窗枝条，检查同一排树木12株。",
    ),
    "lawn": Matter(
        "greenery", "草坪被踩秃了，下雨全是泥。", "中心花园", "草坪补种并设临时围栏，约三周后开放。",
    ),
    "grove": Matter(
        "greenery", "有人在绿化带种菜浇粪，味道大。", "12栋北侧", "已劝导清理，恢复绿植；社区网格员持续巡查。",
    ),
    # --- of the fire department ---
    "fire_lane": Matter(
        "fire_safety", "消防通道被石墩和铁栏杆堵死，救护车都进不来。", "南门", "现场责令拆除，通道已恢复，向物业服务企业下达整改通知。",
    ),
    "fly_wire": Matter(
        "fire_safety", "有住户从六楼拉电线下来给电动车充电，很危险。", "5栋3单元", "飞线已拆除，入户宣传，引导使用集中充电棚。",
    ),
    "hydrant": Matter(
        "fire_safety", "楼道消火栓箱里没有水带，箱门用铁丝捆着。", "8栋2单元", "已督促补齐水带水枪28套并测压。",
    ),
    "corridor_bikes": Matter(
        "fire_safety", "一楼门厅停了七八辆电动车，晚上还充电。", "2栋1单元", "门厅清理完毕，安装电动车阻车装置。",
    ),
    "smoke_door": Matter(
        "fire_safety", "地下车库防火卷帘下面堆满纸箱。", "地下车库A区", "纸箱已清走，卷帘升降测试正常。",
    ),
    "alarm": Matter(
        "fire_safety", "消防报警主机一直响，没人管，半夜吵得睡不着。", "消防控制室", "误报探测器已更换，控制室恢复双人值班。",
    ),
    # --- of a station, of the street ---
    "square_dance": Matter(
        "noise", "每晚广场舞到十点半，音响开得很大，孩子没法写作业。", "东侧广场", "与带队人约定21时前结束，音量限55分贝，安排两次夜间回访。",
    ),
    "night_works": Matter(
        "noise", "隔壁工地凌晨两点还在浇混凝土。", "小区北侧工地", "工地未办夜间施工手续，已立案并责令停工。",
    ),
    "pump_room": Matter(
        "noise", "一楼水泵房低频噪声，卧室里整夜嗡嗡响。", "6栋1楼", "现场监测夜间超标，已要求加装减振垫，限期复测。",
    ),
    "barbecue": Matter(
        "cooking_fumes", "楼下烧烤店油烟直接排到二楼阳台，衣服不能晒。", "临街商铺", "已责令安装净化设施，安装前停止露天烧烤。",
    ),
    "canteen": Matter(
        "cooking_fumes", "餐馆排烟管正对单元门，进出都是油烟味。", "1栋商铺", "排烟口改道至楼顶，净化器清洗台账已建立。",
    ),
    "committee": Matter(
        "owners_committee", "业委会任期早就到了，一直不换届，公共收益没人管。", "", "街道已成立换届筹备组，方案公示中，预计两个月内完成选举。",
    ),
    "vote": Matter(
        "owners_committee", "业主大会投票没有公示票数就说通过了。", "", "已要求筹备组公示表决票统计，并接受业主查询。",
    ),
    "stall": Matter(
        "other", "小区大门口流动摊贩占道，早上上学的孩子过不去。", "正门", "街道联合执法两次，引导摊贩到便民市场，早高峰安排值守。",
    ),
    "fitness": Matter(
        "other", "健身器材坏了两个，螺丝都露出来了。", "健身角", "危险器材已拆除，新器材随下月采购到位。",
    ),
    # --- utilities ---
    "no_water": Matter(
        "water_power", "三楼以上从昨晚开始停水，没有通知。", "全小区", "",
    ),
    "gas_smell": Matter(
        "gas", "楼道里有燃气味，五楼以上更明显。", "7栋1单元", "立管接头渗漏，已更换接头并全楼检测，恢复供气。",
    ),
    # --- others ---
    "dog": Matter("dogs", "大型犬不牵绳，在儿童滑梯旁边跑。", "儿童乐园", ""),
    "sun_room": Matter("illegal_building", "顶楼正在搭玻璃房，每天敲打，怕影响承重。", "10栋顶楼", ""),
    "out_of_scope": Matter("other", "邻居欠我钱不还，请你们帮忙催一下。", "", ""),
    "trial": Matter("other", "测试一下这个页面能不能用。", "", ""),
}  # fmt: skip

AGAIN = {
    "lift_stops": "同一部电梯，刚才又停了，希望今天修好。",
    "leak": "我家也漏，就在他家楼下，墙皮都掉了。",
    "basement": "车库积水我也碰到了，车底盘进水。",
    "fire_lane": "南门石墩还在，昨天有人晕倒担架抬不进来。",
}
"""What a second resident says about the same matter."""

UNHAPPY = (
    "说修好了，第二天又坏，没有人来看过。", "只是打了个电话，问题一点没变。", "回复说的和现场不一样。", "拖了这么久才来，态度也不好。",
)  # fmt: skip
HAPPY = ("处理得很快。", "师傅认真，现场也打扫干净了。", "", "", "比以前好多了。", "")
