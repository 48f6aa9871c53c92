package intake

import (
	"strings"

	"github.com/yizhan/yizhan"
)

// The words that offices write for what is kept by a short English name.

var serviceNames = map[yizhan.Service][]string{
	yizhan.Water:       {"饮水", "热水", "饮用水", "开水", "茶水"},
	yizhan.Charging:    {"充电", "手机充电", "充电宝"},
	yizhan.Rest:        {"休息", "歇脚", "座椅", "桌椅"},
	yizhan.Heating:     {"取暖", "暖气", "供暖", "避寒"},
	yizhan.Toilet:      {"卫生间", "厕所", "如厕", "洗手间"},
	yizhan.Microwave:   {"微波炉", "热饭", "加热饭菜"},
	yizhan.FirstAid:    {"急救药箱", "药箱", "急救", "医药箱", "急救箱", "应急药品"},
	yizhan.WiFi:        {"无线网", "无线网络", "wifi", "wi-fi", "上网"},
	yizhan.BatterySwap: {"换电", "电动车换电", "换电柜"},
	yizhan.Books:       {"图书", "书报", "阅读"},
	yizhan.RainGear:    {"雨具", "工具", "雨伞", "雨具工具"},
	yizhan.Counselling: {"咨询", "法律咨询", "心理咨询", "法律援助"},
}

var sponsorNames = map[string]yizhan.Sponsor{
	"工会": yizhan.SponsorUnion, "党群服务中心": yizhan.SponsorPartyCentre, "社区": yizhan.SponsorPartyCentre, "党群": yizhan.SponsorPartyCentre,
	"银行": yizhan.SponsorBank, "银行网点": yizhan.SponsorBank, "通信": yizhan.SponsorUtility, "通信供电营业厅": yizhan.SponsorUtility, "供电": yizhan.SponsorUtility, "营业厅": yizhan.SponsorUtility, "供电营业厅": yizhan.SponsorUtility, "通信营业厅": yizhan.SponsorUtility,
	"邮政": yizhan.SponsorPost, "快递": yizhan.SponsorPost, "邮政快递": yizhan.SponsorPost, "邮政快递网点": yizhan.SponsorPost,
	"商超": yizhan.SponsorRetail, "餐饮": yizhan.SponsorRetail, "商超餐饮": yizhan.SponsorRetail, "超市": yizhan.SponsorRetail, "商户": yizhan.SponsorRetail,
	"加油站": yizhan.SponsorFuel, "医院": yizhan.SponsorPublicService, "药店": yizhan.SponsorPublicService, "政务厅": yizhan.SponsorPublicService, "公共服务": yizhan.SponsorPublicService, "政务服务": yizhan.SponsorPublicService,
}

var kindNames = map[string]yizhan.StationKind{"社区": yizhan.KindCommunity, "社区驿站": yizhan.KindCommunity, "工会": yizhan.KindUnion, "工会驿站": yizhan.KindUnion, "企业": yizhan.KindEnterprise, "企业驿站": yizhan.KindEnterprise}

var stationStatusNames = map[string]yizhan.StationStatus{
	"拟建": yizhan.StationPlanned, "规划": yizhan.StationPlanned, "在建": yizhan.StationPlanned, "筹建": yizhan.StationPlanned,
	"运行": yizhan.StationActive, "正常": yizhan.StationActive, "开放": yizhan.StationActive, "在用": yizhan.StationActive, "启用": yizhan.StationActive, "营业": yizhan.StationActive, "运行中": yizhan.StationActive,
	"暂停": yizhan.StationSuspended, "停用": yizhan.StationSuspended, "暂停服务": yizhan.StationSuspended,
	"关闭": yizhan.StationClosed, "撤销": yizhan.StationClosed, "已关闭": yizhan.StationClosed,
}

var conditionNames = map[string]yizhan.Condition{"正常": yizhan.Working, "可用": yizhan.Working, "受限": yizhan.Limited, "有限": yizhan.Limited, "损坏": yizhan.Broken, "故障": yizhan.Broken, "未知": yizhan.Uncertain}

var zoneNames = map[string]yizhan.Zone{"核心": yizhan.ZoneCore, "核心区": yizhan.ZoneCore, "建成区": yizhan.ZoneCore, "外围": yizhan.ZoneHinterland, "外围区": yizhan.ZoneHinterland, "腹地": yizhan.ZoneHinterland}

var gridStatusNames = map[string]yizhan.GridStatus{"草稿": yizhan.GridDraft, "待审": yizhan.GridInReview, "审核中": yizhan.GridInReview, "退回": yizhan.GridReturned, "已发布": yizhan.GridPublished, "发布": yizhan.GridPublished}

var sceneKindNames = map[string]yizhan.SceneKind{"友好商圈": yizhan.SceneShopping, "商圈": yizhan.SceneShopping, "友好社区": yizhan.SceneCommunity, "社区": yizhan.SceneCommunity,
	"友好医院": yizhan.SceneHospital, "医院": yizhan.SceneHospital, "友好口岸": yizhan.ScenePort, "口岸": yizhan.ScenePort, "友好景区": yizhan.SceneScenic, "景区": yizhan.SceneScenic,
	"友好车站": yizhan.SceneTransit, "车站": yizhan.SceneTransit, "友好市场": yizhan.SceneMarket, "市场": yizhan.SceneMarket, "友好园区": yizhan.ScenePark, "园区": yizhan.ScenePark, "友好食堂": yizhan.SceneCanteen, "食堂": yizhan.SceneCanteen}

var levelNames = map[string]yizhan.Level{"市": yizhan.LevelCity, "地级市": yizhan.LevelCity, "盟市": yizhan.LevelCity, "旗市区": yizhan.LevelBanner, "旗县": yizhan.LevelBanner, "旗县区": yizhan.LevelBanner, "区县": yizhan.LevelBanner,
	"苏木乡镇": yizhan.LevelTownship, "苏木乡镇街道": yizhan.LevelTownship, "乡镇": yizhan.LevelTownship, "街道": yizhan.LevelTownship, "乡镇街道": yizhan.LevelTownship, "社区": yizhan.LevelCommunity, "嘎查": yizhan.LevelCommunity, "嘎查村": yizhan.LevelCommunity, "村": yizhan.LevelCommunity}

// word finds what a word stands for: the short name itself, or a word of the table.
func word[T ~string](text string, table map[string]T) T {
	text = strings.ToLower(strings.TrimSpace(text))
	if meant, ok := table[text]; ok {
		return meant
	}
	return T(strings.ReplaceAll(text, " ", "_")) // whether there is such a one, Validate tells
}

// serviceOf finds a service by its short name or a word; empty if there is none.
func serviceOf(text string) yizhan.Service {
	text = strings.ToLower(strings.TrimSpace(text))
	if s := yizhan.Service(strings.ReplaceAll(text, " ", "_")); s.Valid() {
		return s
	}
	return servicesByName[text]
}

var servicesByName = func() map[string]yizhan.Service {
	byName := map[string]yizhan.Service{}
	for service, names := range serviceNames {
		for _, name := range names {
			byName[name] = service
		}
	}
	return byName
}()

var truths = map[string]bool{"是": true, "有": true, "√": true, "✓": true, "y": true, "yes": true, "true": true, "1": true, "t": true,
	"否": false, "无": false, "×": false, "x": false, "n": false, "no": false, "false": false, "0": false, "f": false, "没有": false}

// truth reads yes and no.
func truth(text string) (value, known bool) {
	value, known = truths[strings.ToLower(strings.TrimSpace(text))]
	return value, known
}
