package intake

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
)

// Column is a column of a list to be filled in.
type Column struct {
	Heading, Example string
	Choices          []string // what a cell may be; nil for anything
	Required         bool
}

// Template gives the columns of a list to be filled in, in Chinese or English, each with an example. What is there
// to find a place by other ways is left out: one way is enough for somebody who begins.
func Template(c Collection, english bool) []Column {
	skipped := []string{"position", "kind", "community", "banner_name", "township_name", "micro_grid", "entrance", "approximate"}
	switch c {
	case Scenes:
		skipped = nil
	case Units:
		skipped = []string{"level", "parent", "seat", "seat_lng", "seat_lat", "township_name", "banner_name"} // the code tells
	case MicroGrids:
		skipped = []string{"community", "banner_name", "township_name", "community_name"}
	}
	var columns []Column
	for _, f := range Fields(c) {
		if slices.Contains(skipped, f.Name) || strings.HasPrefix(f.Name, serviceField) {
			continue
		}
		column := Column{Heading: f.Chinese, Example: f.example, Required: f.Required}
		if english {
			column.Heading = f.English
		}
		pairs := choices(c, f.Name)
		for _, pair := range pairs {
			word := pair.chinese
			if english {
				word = pair.short
			}
			if column.Choices = append(column.Choices, word); pair.short == f.example {
				column.Example = word
			}
		}
		if f.Name == "services" && !english {
			column.Example = "饮水;充电;休息;取暖"
		}
		columns = append(columns, column)
	}
	return columns
}

// choice is a value by its short name and by the word that a Chinese list offers for it, which imports know.
type choice struct{ short, chinese string }

func choices(c Collection, field string) []choice {
	switch {
	case field == "sponsor":
		return []choice{{string(yizhan.SponsorUnion), "工会"}, {string(yizhan.SponsorPartyCentre), "党群服务中心"}, {string(yizhan.SponsorBank), "银行"}, {string(yizhan.SponsorUtility), "通信供电营业厅"},
			{string(yizhan.SponsorPost), "邮政快递"}, {string(yizhan.SponsorRetail), "商超餐饮"}, {string(yizhan.SponsorFuel), "加油站"}, {string(yizhan.SponsorPublicService), "公共服务"}}
	case field == "status" && c == Stations:
		return []choice{{string(yizhan.StationPlanned), "拟建"}, {string(yizhan.StationActive), "运行"}, {string(yizhan.StationSuspended), "暂停"}, {string(yizhan.StationClosed), "关闭"}}
	case field == "status" && c == MicroGrids: // what is imported is a draft; see yizhan.GridStatus
		return []choice{{string(yizhan.GridDraft), "草稿"}}
	case field == "zone":
		return []choice{{string(yizhan.ZoneCore), "核心区"}, {string(yizhan.ZoneHinterland), "外围区"}}
	case field == "kind" && c == Scenes:
		return []choice{{string(yizhan.SceneShopping), "友好商圈"}, {string(yizhan.SceneCommunity), "友好社区"}, {string(yizhan.SceneHospital), "友好医院"}, {string(yizhan.ScenePort), "友好口岸"},
			{string(yizhan.SceneScenic), "友好景区"}, {string(yizhan.SceneTransit), "友好车站"}, {string(yizhan.SceneMarket), "友好市场"}, {string(yizhan.ScenePark), "友好园区"}, {string(yizhan.SceneCanteen), "友好食堂"}}
	}
	return nil
}
