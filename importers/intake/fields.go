package intake

import (
	"strings"
	"unicode"

	"github.com/yizhan/yizhan"
)

// Collection is what the records of a file are.
type Collection string

// The collections that can be imported. Candidates are sites for new stations: they change nothing.
const (
	Stations   = Collection(yizhan.Stations)
	MicroGrids = Collection(yizhan.MicroGrids)
	Scenes     = Collection(yizhan.FriendlyScenes)
	Units      = Collection(yizhan.Units)
	Candidates = Collection("candidates")
)

// Collections lists them.
func Collections() []Collection {
	return []Collection{Stations, MicroGrids, Scenes, Units, Candidates}
}

// Field is what a column may mean.
type Field struct {
	Name             string
	Chinese, English string
	Required         bool     // for a new feature
	aliases          []string // other headings, as plain gives them
	example          string   // for the template
}

// Fields lists what a column may mean, in the order of a template.
func Fields(c Collection) []Field {
	switch c {
	case Stations:
		return stationFields()
	case MicroGrids:
		return microGridFields
	case Scenes:
		return sceneFields
	case Units:
		return unitFields
	default:
		return candidateFields
	}
}

var (
	fieldLng = Field{Name: "lng", Chinese: "经度", English: "longitude", Required: true, example: "119.7364",
		aliases: []string{"lng", "lon", "long", "x", "x坐标", "坐标x", "经度x", "东坐标", "东经", "easting", "e"}}
	fieldLat = Field{Name: "lat", Chinese: "纬度", English: "latitude", Required: true, example: "49.2122",
		aliases: []string{"lat", "y", "y坐标", "坐标y", "纬度y", "北坐标", "北纬", "northing", "n"}}
	fieldPosition = Field{Name: "position", Chinese: "坐标", English: "position",
		aliases: []string{"经纬度", "位置坐标", "coordinates", "location", "lnglat", "坐标经纬度"}}
	fieldName      = Field{Name: "name", Chinese: "名称", English: "name", Required: true, example: "天润社区骑手驿站", aliases: []string{"驿站名称", "站点名称", "站名", "驿站", "网格名称", "微网格名称", "场景名称", "title"}}
	fieldCommunity = Field{Name: "community", Chinese: "社区代码", English: "community code", example: "150702002009",
		aliases: []string{"社区编码", "社区统计代码", "统计代码", "统计用区划代码", "区划代码", "communitycode", "嘎查代码", "村代码"}}
	fieldCommunityName = Field{Name: "community_name", Chinese: "社区", English: "community name", aliases: []string{"社区名称", "嘎查", "嘎查村", "所属社区", "村", "村社区"}}
	fieldTownshipName  = Field{Name: "township_name", Chinese: "街道", English: "township name", aliases: []string{"街道名称", "苏木乡镇", "乡镇", "镇", "所属街道", "街道乡镇", "苏木", "township"}}
	fieldBannerName    = Field{Name: "banner_name", Chinese: "旗市区", English: "banner name", aliases: []string{"旗县", "旗县区", "区县", "所属旗市区", "banner"}}
)

var microGridFields = []Field{
	{Name: "code", Chinese: "网格编码", English: "code", Required: true, example: "150702002009001", aliases: []string{"微网格编码", "编码", "代码", "编号", "网格代码", "网格编号", "gridcode", "id"}},
	fieldCommunity, fieldCommunityName, fieldTownshipName, fieldBannerName,
	fieldName,
	{Name: "households", Chinese: "户数", English: "households", Required: true, example: "29", aliases: []string{"住户数", "居民户数", "总户数", "户"}},
	{Name: "zone", Chinese: "区域类型", English: "zone", example: "core", aliases: []string{"区域", "类型"}},
	{Name: "status", Chinese: "状态", English: "status", example: "draft"},
}

var sceneFields = []Field{
	{Name: "code", Chinese: "场景编码", English: "code", Required: true, example: "HLBE-CJ-01", aliases: []string{"编码", "代码", "编号", "id"}},
	fieldName,
	{Name: "kind", Chinese: "类型", English: "kind", Required: true, example: "shopping", aliases: []string{"场景类型", "类别"}},
	{Name: "micro_grids", Chinese: "微网格", English: "micro-grids", Required: true, example: "150702002009001;150702002009002", aliases: []string{"微网格编码", "网格", "网格编码", "microgrids"}},
	{Name: "stations", Chinese: "驿站", English: "stations", example: "150702002009-01", aliases: []string{"驿站编码", "站点"}},
}

var unitFields = []Field{
	{Name: "code", Chinese: "代码", English: "code", Required: true, example: "150702002009",
		aliases: []string{"统计代码", "统计用区划代码", "区划代码", "行政区划代码", "单元代码", "社区代码", "编码", "编号", "unitcode", "adcode", "id"}},
	{Name: "name", Chinese: "名称", English: "name", Required: true, example: "天润社区", aliases: []string{"单元名称", "社区名称", "社区", "嘎查", "嘎查村", "村", "村社区", "行政区名称", "title"}},
	{Name: "level", Chinese: "级别", English: "level", aliases: []string{"层级", "等级"}},
	{Name: "parent", Chinese: "上级代码", English: "parent", aliases: []string{"上级", "上级编码", "上级单元", "所属代码"}},
	fieldTownshipName, fieldBannerName,
	{Name: "name_en", Chinese: "英文名称", English: "English name", example: "Tianrun", aliases: []string{"英文名", "nameen"}},
	{Name: "type", Chinese: "类别", English: "type", example: "社区", aliases: []string{"类型", "单元类别"}},
	{Name: "seat", Chinese: "驻地", English: "seat", aliases: []string{"驻地坐标", "政府驻地"}},
	{Name: "seat_lng", Chinese: "驻地经度", English: "seat lng", aliases: []string{"seateasting", "驻地东坐标"}},
	{Name: "seat_lat", Chinese: "驻地纬度", English: "seat lat", aliases: []string{"seatnorthing", "驻地北坐标"}},
}

var candidateFields = []Field{fieldName, fieldLng, fieldLat, fieldPosition,
	{Name: "address", Chinese: "地址", English: "address", aliases: []string{"详细地址", "位置"}}}

func stationFields() []Field {
	fields := []Field{
		{Name: "code", Chinese: "驿站编码", English: "code", example: "150702002009-01", aliases: []string{"编码", "代码", "编号", "站点编码", "驿站编号", "stationcode", "id"}},
		fieldName,
		{Name: "sponsor", Chinese: "建设单位类型", English: "sponsor", Required: true, example: "party_centre", aliases: []string{"建设单位", "依托单位", "承办单位", "依托类型", "主办"}},
		{Name: "kind", Chinese: "驿站类型", English: "kind", aliases: []string{"类型", "类别"}},
		{Name: "address", Chinese: "地址", English: "address", example: "海拉尔区胜利大街 1 号", aliases: []string{"详细地址", "位置", "驿站地址"}},
		fieldLng, fieldLat, fieldPosition,
		{Name: "opening_hours", Chinese: "开放时间", English: "opening hours", example: "Mo-Su 08:30-20:00", aliases: []string{"营业时间", "服务时间", "开放时段", "时间", "openinghours", "hours"}},
		{Name: "services", Chinese: "服务", English: "services", example: "water;charging;rest;heating", aliases: []string{"服务项目", "服务内容", "提供服务", "设施"}},
		{Name: "capacity", Chinese: "座位数", English: "seats", example: "8", aliases: []string{"座位", "容量", "容纳人数", "capacity"}},
		{Name: "status", Chinese: "状态", English: "status", example: "active", aliases: []string{"运行状态"}},
		fieldCommunity, fieldCommunityName, fieldTownshipName, fieldBannerName,
		{Name: "micro_grid", Chinese: "微网格编码", English: "micro-grid code", aliases: []string{"微网格", "网格编码", "microgrid"}},
		{Name: "confirmed_at", Chinese: "核实日期", English: "confirmed at", example: "2026-03-01", aliases: []string{"核实时间", "更新日期", "确认时间", "登记日期", "confirmed"}},
		{Name: "entrance", Chinese: "入口坐标", English: "entrance", aliases: []string{"入口", "门口坐标"}},
		{Name: "approximate", Chinese: "位置为估计", English: "approximate", aliases: []string{"估计位置"}},
	}
	for _, service := range yizhan.Services() {
		names := serviceNames[service]
		fields = append(fields, Field{Name: serviceField + string(service), Chinese: names[0], English: strings.ReplaceAll(string(service), "_", " "), aliases: names})
	}
	return fields
}

// serviceField begins the names of fields that tell whether a station has one service.
const serviceField = "service_"

// Guess finds what columns mean by their headings. A field is given to the first column that may be it, and one
// named exactly so before one that is called alike.
func Guess(c Collection, columns []string) []string {
	fields := Fields(c)
	guessed, taken := make([]string, len(columns)), map[string]bool{}
	for _, names := range []func(Field) []string{
		func(f Field) []string { return []string{plain(f.Name), plain(f.Chinese), plain(f.English)} },
		func(f Field) []string { return f.aliases },
	} {
		for i, column := range columns {
			if guessed[i] != "" {
				continue
			}
			heading := plain(column)
			for _, f := range fields {
				if !taken[f.Name] && heading != "" && contains(names(f), heading) {
					guessed[i], taken[f.Name] = f.Name, true
					break
				}
			}
		}
	}
	return guessed
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text || plain(item) == text {
			return true
		}
	}
	return false
}

// plain is a heading without case, spaces, punctuation and what is in brackets: 经度(°) is 经度.
func plain(heading string) string {
	if i := strings.IndexAny(heading, "(（[【"); i > 0 {
		heading = heading[:i]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
